// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact ablation at chosen positions, and at decisions alone, equals whole passes with the target scaled there, bit for
// bit: every kind of target in every layer, where layers share keys, have windows, experts and inputs of their own.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/model/targets.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

struct looping_gemma {
    golden::small_gemma4<reference> model{5};
    thread_pool pool{2};
    recorded_run run;
    std::vector<target_factor> candidates;  // three of each kind and layer

    looping_gemma() {
        for (const batch_token& token : golden::some_tokens(0, 30)) run.tokens.push_back(token.token);
        run.prompt_tokens = 10, run.onset = 17;
        run.decisions = {{18, 7, {3, 49}}, {25, 9, {4, 5, 6}}, {30, 1, {2, 30}}};
        record_activations(model.decoder(), pool, run);
        const auto layers = dimensions_of(model.config());
        for (std::size_t l = 0; l < layers.size(); ++l)
            for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
                const std::size_t count = count_targets<Id>(layers[l]);
                for (std::size_t i = 0; i < std::min<std::size_t>(count, 3); ++i)
                    candidates.push_back({target_at<Id>(l, i * count / 3, layers[l]), i == 1 ? -1.0F : 0.0F});
            });
    }

    /// Objectives of all decisions after a whole pass with one candidate scaled where the mask says.
    [[nodiscard]] std::vector<double> whole_pass(const target_factor& candidate,
                                                 const std::vector<std::uint8_t>& mask) {
        std::vector<batch_token> pass;
        append_row(pass, run, 0);
        decoder_state state(model.config(), {1, 30, 30, 3});
        detail::scale_a_target_a_row tap{layer_of(candidate.target), std::span(&candidate, 1), mask};
        const matrix_view logits = model.decoder().forward(state, pass, pool, tap);
        std::vector<double> values;
        for (std::size_t d = 0; d < 3; ++d) values.push_back(loop_margin{}.value(logits[d], run.decisions[d]));
        return values;
    }
};

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

/// How many candidates change nothing at those positions.
template <class Positions>
std::size_t check_positions(looping_gemma& looping, const Positions& positions) {
    const auto mask = mask_of(positions, looping.run);
    const double unchanged = objective_of(looping.run, loop_margin{});
    std::size_t still = 0;
    for (const std::size_t batch : {1U, 4U}) {
        const auto changes = exact_ablation(looping.model, looping.run, looping.candidates, loop_margin{}, looping.pool,
                                            batch, positions);
        still = 0;
        for (std::size_t c = 0; c < changes.size(); ++c) {
            INFO(Positions::name << ", " << to_string(looping.candidates[c].target));
            CHECK(changes[c] == mean(looping.whole_pass(looping.candidates[c], mask)) - unchanged);
            still += changes[c] == 0 ? 1U : 0U;
        }
    }
    return still;
}

}  // namespace

TEST_CASE("exact ablation at chosen positions is a whole pass with the target scaled there") {
    looping_gemma looping;
    REQUIRE(looping.candidates.size() >= 4 * 3 + 2 * 2 * 3);
    REQUIRE(looping.run.logits.size() == 3);
    const std::size_t most = looping.candidates.size() / 2;
    CHECK(check_positions(looping, all_positions{}) < most);
    CHECK(check_positions(looping, inside_loop{}) < most);
    // Positions that no decision is at act through keys alone, and the last layers read those of the first.
    CHECK(check_positions(looping, at_onset{2}) < looping.candidates.size());
    CHECK(check_positions(looping, at_decisions{}) < most);
}

TEST_CASE("ablation at decisions alone is a whole pass a decision with the target scaled at that position") {
    looping_gemma looping;
    const auto changes_of = [&](std::size_t batch) {
        return decision_ablation(looping.model, looping.run, looping.candidates, loop_margin{}, looping.pool, batch);
    };
    const auto changes = changes_of(5);
    CHECK(changes == changes_of(1));
    CHECK(changes == changes_of(64));
    std::size_t moved = 0;
    for (std::size_t c = 0; c < changes.size(); ++c) {
        std::vector<double> values;
        for (std::size_t d = 0; d < 3; ++d) {
            std::vector<std::uint8_t> mask(30);
            mask[looping.run.decisions[d].position - 1] = 1;
            values.push_back(looping.whole_pass(looping.candidates[c], mask)[d]);
        }
        INFO(to_string(looping.candidates[c].target));
        CHECK(std::abs(changes[c] - (mean(values) - objective_of(looping.run, loop_margin{}))) < 1e-12);
        moved += changes[c] != 0 ? 1U : 0U;
    }
    CHECK(moved > changes.size() / 2);
}
