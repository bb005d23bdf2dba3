// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Arms side by side answer as each would alone.
#include <unloop/evaluate/answers.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

probe_suite suite_of(std::vector<std::string> prompts) {
    probe_suite suite{"s", data_role::report, {}};
    for (std::string& prompt : prompts) suite.probes.push_back({prompt, prompt, {}, {}, probe_class::list});
    return suite;
}

/// Draws a token by its probability alone.
struct plain_sampler {
    template <class Backend>
    token_id choose(const Backend&, std::span<const float> logits, std::span<const token_id>, draw_id draw) const {
        double total = 0, sum = 0;
        for (const float logit : logits) total += std::exp(static_cast<double>(logit));
        const double wanted = random_uniform(11, draw.row, draw.step) * total;
        for (std::size_t i = 0; i < logits.size(); ++i)
            if ((sum += std::exp(static_cast<double>(logits[i]))) > wanted) return static_cast<token_id>(i);
        return 0;
    }
};

}  // namespace

TEST_CASE("arms in one batch answer as each does alone", "[answers]") {
    const auto model = tests::golden_llama();
    const probe_suite suite = suite_of({"the rain", "a list of things", "xyz"});
    const plan edited = invert(std::vector<neuron_id>{{0, 1}, {0, 2}, {1, 3}, {1, 40}, {2, 60}, {2, 90}});
    const plan silent = suppress(std::vector<neuron_id>{{2, 1}, {2, 2}, {2, 3}});
    const std::vector<arm> arms{{"as shipped", nullptr}, {"edited", &edited}, {"silent", &silent}};
    const auto answers =
        answer_suite(model, suite, arms, {.max_tokens = 20, .batch = 4, .threads = 2, .is_chat = false});
    REQUIRE(answers.size() == 3);
    bool differ = false;
    for (std::size_t a = 0; a < arms.size(); ++a) {
        CHECK(answers[a].name == arms[a].name);
        REQUIRE(answers[a].answers.size() == 3);
        for (std::size_t i = 0; i < 3; ++i) {
            plan_tap tap(arms[a].edit ? *arms[a].edit : plan{});
            const auto prompt = encode_prompt(model, text_prompt{suite.probes[i].prompt});
            const record alone =
                generate_all(model, std::span(&prompt, 1), {.max_tokens = 20}, greedy{}, never_stop{}, tap).front();
            CHECK(answers[a].answers[i].tokens == alone.tokens);
            CHECK(answers[a].answers[i].text == alone.text);
            CHECK(answers[a].answers[i].id == i);
            differ = differ || answers[a].answers[i].tokens != answers[0].answers[i].tokens;
        }
    }
    CHECK(differ);
}

TEST_CASE("arms share their draws, and seeds do not", "[answers]") {
    const auto model = tests::golden_llama();
    const probe_suite suite = suite_of({"the rain", "the rain"});
    const std::vector<arm> arms{{"one", nullptr}, {"two", nullptr}};
    const answer_options options{.max_tokens = 12, .seeds = 3, .batch = 5, .is_chat = false};
    const auto answers = answer_suite(model, suite, arms, options, plain_sampler{});
    REQUIRE(answers[0].answers.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(answers[0].answers[i].tokens == answers[1].answers[i].tokens);
        CHECK(answers[1].answers[i].id == i);
        for (std::size_t k = 0; k < i; ++k) CHECK(answers[0].answers[i].tokens != answers[0].answers[k].tokens);
    }
}

TEST_CASE("what cannot be asked is an error, and a cancelled run says so", "[answers]") {
    const auto model = tests::golden_llama();
    const probe_suite suite = suite_of({"the rain"});
    const plan foreign = suppress(neuron_id{0, 96});
    const arm shipped{"as shipped", nullptr}, wrong{"wrong", &foreign};
    CHECK_THROWS_AS(answer_suite(model, suite, std::span(&shipped, 1)), error);  // no chat template
    CHECK_THROWS_AS(answer_suite(model, suite, std::span(&wrong, 1), {.is_chat = false}), error);
    CHECK(answer_suite(model, suite, std::span<const arm>(), {.is_chat = false}).empty());
    const auto stopped = answer_suite(model, suite, std::span(&shipped, 1), {.is_chat = false}, greedy{},
                                      [](const progress_event&) { return false; });
    REQUIRE(stopped.at(0).answers.size() == 1);
    CHECK(stopped[0].answers[0].tokens.empty());
    CHECK(stopped[0].answers[0].reason == stop_reason::cancelled);
}
