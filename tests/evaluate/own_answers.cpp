// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Only answers that ended well become texts, and the model itself does not diverge from what it said.
#include <unloop/evaluate/own_answers.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

record own_answer(const std::string& text, stop_reason reason) {
    record answer;
    answer.prompt = {1, 2};
    answer.text = text;
    answer.reason = reason;
    for (std::size_t i = 0; i < text.size() / 4 + 1; ++i) answer.tokens.push_back(static_cast<token_id>(10 + i));
    return answer;
}

}  // namespace

TEST_CASE("an answer is kept when it ended, says something and does not loop", "[own_answers]") {
    const probe_suite suite{
        "s",
        data_role::report,
        {{"Why?", "why", "", {}, probe_class::question}, {"How?", "how", "", {}, probe_class::question}}};
    std::string loop;
    for (int i = 0; i < 20; ++i) loop += "the same line\n";
    const std::vector<record> answers{
        own_answer("Because.", stop_reason::end_token), own_answer("Well,", stop_reason::length),
        own_answer(loop, stop_reason::end_token), own_answer("By walking slowly.", stop_reason::end_token),
        own_answer("", stop_reason::end_token)};
    const std::vector<forced_text> texts = ended_answers(suite, answers);
    REQUIRE(texts.size() == 2);
    CHECK(texts[0].name == "Why?");
    CHECK(texts[1].name == "How?");
    CHECK(texts[1].answer == 2);
    CHECK(texts[1].tokens.size() == 2 + answers[3].tokens.size());
    CHECK(texts[1].tokens[2] == 10);
    CHECK(ended_answers({}, {}).empty());
}

TEST_CASE("the real model ends easy answers, predicts each of their tokens, and an edit shows in them",
          "[own_answers][real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    const auto suite = read_probe_suite(std::string(UNLOOP_TEST_DATA) + "/../../examples/probes/easy_report.json");
    const std::vector<forced_text> texts = own_answers(model, suite, {.max_tokens = 48, .threads = 2});
    REQUIRE(texts.size() >= 3);
    for (const forced_text& text : texts) CHECK(text.tokens.back() == *model.tokenizer().eos());
    const plan* const none = nullptr;
    CHECK(score_predictions(model, none, texts, {.threads = 2}).accuracy.mean == 1.0);  // greedy, so the first choice
    const plan edit = suppress(neuron_id{0, 0}) + suppress(neuron_id{15, 0});
    CHECK(token_divergence(model, edit, texts, {.threads = 2}).mean > 0);
}
