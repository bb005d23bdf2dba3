// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reading texts under plans: which tokens are predicted, and from which logits.
#include <unloop/evaluate/forced_run.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/parallel.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

const forced_text text{"t", {5, 9, 33, 70, 12, 100, 7, 8}, 3};

}  // namespace

TEST_CASE("each answer token is predicted once, whatever the passes", "[forced_run]") {
    const auto model = tests::golden_llama();
    const plan edited = suppress(neuron_id{1, 4});
    const std::vector<const plan*> plans{nullptr, &edited};
    serial executor;
    forced_run whole(model, plans, 8, 8);
    whole.read(text, 0, 7, executor);
    REQUIRE(whole.predicted_from() == 3);
    REQUIRE(whole.predicted() == 5);
    for (const std::size_t chunk : {1U, 2U, 3U, 5U}) {
        forced_run parts(model, plans, 8, chunk);
        std::vector<std::size_t> seen;
        for (std::size_t first = 0; first < 7; first += chunk) {
            parts.read(text, first, std::min<std::size_t>(first + chunk, 7), executor);
            for (std::size_t i = 0; i < parts.predicted(); ++i) {
                const std::size_t token = parts.predicted_from() + i;
                seen.push_back(token);
                for (std::size_t arm = 0; arm < 2; ++arm)
                    CHECK(std::ranges::equal(parts.logits(arm, i), whole.logits(arm, token - 3)));
            }
        }
        CHECK(seen == std::vector<std::size_t>{3, 4, 5, 6, 7});
    }
}

TEST_CASE("layers that arms have in common change no bit", "[forced_run]") {
    const auto model = tests::golden_llama();
    const plan top = suppress(neuron_id{2, 4}), head = suppress(head_id{0, 1}), low = scale(neuron_id{0, 7}, -1.0F),
               attention = suppress(head_id{2, 0});
    plan both = suppress(neuron_id{1, 9});
    both.edits.push_back(top.edits.front());
    serial executor;
    for (const bool with_unedited : {true, false}) {
        std::vector<const plan*> plans{&top, &head, &low, &attention, &both, &top};
        if (with_unedited) plans.insert(plans.begin() + 2, 2, nullptr);
        forced_run together(model, plans, 8, 3);
        std::vector<forced_run<decltype(model)>> alone;
        for (const plan* const& one : plans) alone.emplace_back(model, std::span(&one, 1), 8, 3);
        for (const std::size_t first : {0U, 3U, 6U}) {
            const std::size_t last = std::min<std::size_t>(first + 3, 7);
            together.read(text, first, last, executor);
            for (std::size_t arm = 0; arm < plans.size(); ++arm) {
                alone[arm].read(text, first, last, executor);
                REQUIRE(together.predicted() == alone[arm].predicted());
                for (std::size_t i = 0; i < together.predicted(); ++i)
                    CHECK(std::ranges::equal(together.logits(arm, i), alone[arm].logits(0, i)));
            }
        }
    }
}
