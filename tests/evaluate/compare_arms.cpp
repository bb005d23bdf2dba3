// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The table of arms equals what each part measures alone.
#include <unloop/evaluate/compare_arms.hpp>

#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

TEST_CASE("arms, a file and a sampler are measured the same way", "[measurement]") {
    auto model = tests::golden_llama();
    probe_suite suite{"s", data_role::report, {}};
    for (const char* prompt : {"the loop", "a th", "in re"})
        suite.probes.push_back({prompt, prompt, {}, {}, probe_class::list});
    const side_effect_texts texts{{{"t", {5, 9, 17, 33, 8, 40}, 2}},
                                  {{"r", {4, 5, 4, 5, 4, 5}, 1}},
                                  repeated_random_tokens(model, {.texts = 2, .length = 8})};
    const answer_options options{.max_tokens = 24, .is_chat = false};
    const plan edit = invert(neuron_id{1, 35});
    const std::vector<arm> arms{{"as shipped", nullptr}, {"edited", &edit}};
    comparison compared = compare_arms(model, suite, arms, texts, options);
    REQUIRE(compared.arms.size() == 2);
    CHECK_FALSE(compared.arms[0].healthy.has_value());
    CHECK(compared.arms[1].healthy->mean == token_divergence(model, edit, texts.healthy).mean);
    CHECK(compared.arms[1].healthy->mean > 0);
    CHECK(compared.unedited().size() == 3);
    REQUIRE(compared.arms[1].onset);
    CHECK(compared.arms[0].onset == kaplan_meier(loop_lifetimes(model, compared.unedited())));
    CHECK(compared.arms[1].onset->answers == 3);

    auto edited = tests::golden_llama();
    const scoped_edit applied(edited, edit);
    const std::vector<stored_arm<decltype(tests::golden_llama())>> files{{"edited", &edited}, {"as shipped", &model}};
    add_edited(compared, model, suite, std::span<const stored_arm<decltype(tests::golden_llama())>>(files), texts,
               options);
    const measurement &stored = compared.arms[2], &unchanged = compared.arms[3];
    CHECK(stored.outcomes == compared.arms[1].outcomes);
    CHECK(stored.tokens == compared.arms[1].tokens);
    CHECK(stored.healthy == compared.arms[1].healthy);
    CHECK(stored.copying->accuracy == compared.arms[1].copying->accuracy);
    CHECK_FALSE(stored.short_recall.has_value());  // nothing was asked
    CHECK(unchanged.healthy->mean == 0);
    CHECK(unchanged.tokens == compared.arms[0].tokens);

    const measurement same = add_sampler(compared, "greedy", model, greedy{}, suite, options);
    CHECK(same.tokens == compared.arms[0].tokens);
    CHECK(same.onset == compared.arms[0].onset);

    // An arm that comes later is measured as one that came at once.
    const arm later{"edited", &edit};
    add_arms(compared, model, suite, std::span(&later, 1), texts, options);
    CHECK(compared.arms.size() == 6);
    CHECK(compared.answers.size() == 6);
    CHECK(compared.arms[5].healthy == compared.arms[1].healthy);
    CHECK(compared.arms[5].tokens == compared.arms[1].tokens);
    CHECK(compared.arms[5].changes->loops.mean == compared.arms[1].changes->loops.mean);
    CHECK(compared.arms[5].repetition->accuracy == compared.arms[1].repetition->accuracy);
}

TEST_CASE("short lists are asked of every arm and file, and their recall is that of a suite of the same questions",
          "[measurement]") {
    const std::string file = golden::path("../../examples/models/dense");
    const auto model = test::load_model(file);
    probe_suite suite = read_probe_suite(file + "/probes/known_report.json");
    suite.probes.resize(4);
    const side_effect_texts texts{{}, {}, {}, suite};
    std::vector<target_id> neurons;
    for (std::size_t l = 0; l < model.config().layers.size(); ++l)
        for (std::size_t i = 0; i < model.config().layers[l].mlp_width; ++i)
            neurons.push_back(neuron_id{static_cast<std::int32_t>(l), static_cast<std::int32_t>(i)});
    const plan edit = suppress(neurons);
    const std::vector<arm> arms{{"as shipped", nullptr}, {"edited", &edit}};
    const answer_options options{.max_tokens = short_list_tokens};
    comparison compared = compare_arms(model, suite, arms, texts, options);
    auto edited = test::load_model(file);
    const scoped_edit applied(edited, edit);
    const std::vector<stored_arm<decltype(test::load_model(file))>> files{{"edited", &edited}, {"as shipped", &model}};
    add_edited(compared, model, suite, std::span<const stored_arm<decltype(test::load_model(file))>>(files), texts,
               options);
    REQUIRE(compared.arms.size() == 4);
    for (const measurement& measured : compared.arms) {
        INFO(measured.name);
        REQUIRE(measured.recall);
        CHECK(measured.short_recall == measured.recall);
    }
    CHECK(compared.arms[0].short_recall->mean > 0.9);
    CHECK(compared.arms[1].short_recall->mean < 0.5);
    CHECK(compared.arms[2].short_recall == compared.arms[1].short_recall);
    CHECK(compared.arms[3].short_recall == compared.arms[0].short_recall);
}
