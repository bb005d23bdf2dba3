// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Predictions against a model that is read position by position.
#include <unloop/evaluate/predictions.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/parallel.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

TEST_CASE("accuracy and surprise are those of the definition, for each plan", "[predictions]") {
    const auto model = tests::golden_llama();
    const plan edited = invert(std::vector<neuron_id>{{0, 3}, {1, 50}, {2, 7}});
    // The model's own choices in part, so that hits and misses occur.
    const record said = generate(model, ids_prompt{{5, 9, 33}}, {.max_tokens = 24, .stop_at_end_token = false});
    forced_text own = force(said, "own"), changed = own;
    for (std::size_t t = 5; t < changed.tokens.size(); t += 3) changed.tokens[t] = 40;
    const std::vector<forced_text> texts{own, changed};
    const std::vector<const plan*> plans{nullptr, &edited};
    const auto scores = score_predictions(model, plans, texts, {.threads = 2, .logit_rows = 6});
    REQUIRE(scores.size() == 2);
    CHECK(scores[0].accuracy_by_text[0] == 1.0);
    CHECK(scores[0].tokens == own.tokens.size() + changed.tokens.size() - own.answer - changed.answer);
    for (std::size_t arm = 0; arm < 2; ++arm)
        for (std::size_t n = 0; n < 2; ++n) {
            const forced_text& text = texts[n];
            decoder_state state(model.config(), {1, 64, 64, 64});
            std::vector<batch_token> tokens;
            for (std::size_t t = 0; t < text.tokens.size(); ++t)
                tokens.push_back({text.tokens[t], 0, static_cast<std::int32_t>(t), true});
            serial executor;
            plan_tap tap(plans[arm] ? *plans[arm] : plan{});
            const matrix_view logits = model.decoder().forward(state, tokens, executor, tap);
            double hits = 0, surprise = 0, count = 0;
            for (std::size_t t = text.answer; t < text.tokens.size(); ++t, count += 1) {
                const auto row = logits[t - 1];
                const float wanted = row[static_cast<std::size_t>(text.tokens[t])];
                hits += wanted == *std::max_element(row.begin(), row.end()) ? 1 : 0;
                double sum = 0;
                for (const float logit : row) sum += std::exp(static_cast<double>(logit) - wanted);
                surprise += std::log(sum);
            }
            CHECK(scores[arm].accuracy_by_text[n] == hits / count);
            CHECK(std::abs(scores[arm].surprise_by_text[n] - surprise / count) < 1e-5);
        }
    CHECK(scores[0].accuracy.mean == (scores[0].accuracy_by_text[0] + scores[0].accuracy_by_text[1]) / 2);
    const auto alone = score_predictions(model, &edited, texts);
    CHECK(alone.surprise_by_text == scores[1].surprise_by_text);
}
