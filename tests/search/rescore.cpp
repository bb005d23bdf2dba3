// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which candidates go on, by the exact changes that suppression and inversion make.
#include <unloop/search/rescore.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace unloop;

namespace {

/// Changes of one target under suppression and inversion.
void add(std::vector<exact_candidate>& changes, const target_id& target, double suppressed, double inverted) {
    changes.push_back({.edit = {target, 0.0F}, .loop_change = suppressed});
    changes.push_back({.edit = {target, -1.0F}, .loop_change = inverted});
}

}  // namespace

TEST_CASE("each factor ranks targets on its own, and every kind apart", "[localize]") {
    std::vector<exact_candidate> changes;
    add(changes, neuron_id{0, 0}, 0.5, 0.5);    // 1st, 3rd: moves no further under inversion
    add(changes, neuron_id{0, 1}, -0.2, -0.9);  // 3rd, 1st: moved by inversion
    add(changes, neuron_id{0, 2}, 0.3, -0.7);   // 2nd, 2nd
    add(changes, neuron_id{0, 3}, 0.1, 0.1);    // 4th, 4th
    add(changes, head_id{0, 0}, 9, -8);
    CHECK(detail::better_places(changes) == std::vector<std::size_t>{0, 0, 1, 3, 0});
    std::vector<target_factor> best;
    for (const exact_candidate& one : detail::best_of_first(changes)) best.push_back(one.edit);
    CHECK(best == std::vector<target_factor>{{head_id{0, 0}, 0.0F},
                                             {neuron_id{0, 1}, -1.0F},
                                             {neuron_id{0, 0}, 0.0F},
                                             {neuron_id{0, 2}, -1.0F},
                                             {neuron_id{0, 3}, 0.0F}});
}

TEST_CASE("the first of each kind go on, as many as options say, of kinds that may be edited", "[localize]") {
    const std::vector<exact_candidate> ranked{{{neuron_id{0, 0}, 0.0F}}, {{head_id{0, 0}, 0.0F}},
                                              {{neuron_id{0, 1}, 0.0F}}, {{head_id{0, 1}, 0.0F}},
                                              {{neuron_id{0, 2}, 0.0F}}, {{expert_id{0, 1}, 0.0F}}};
    const auto first = [&](const localize_options& options) {
        std::vector<target_id> targets;
        for (const exact_candidate& one :
             detail::first_of_each_kind(std::span<const exact_candidate>(ranked), 2, options))
            targets.push_back(one.edit.target);
        return targets;
    };
    CHECK(first({.heads = 1}) ==
          std::vector<target_id>{neuron_id{0, 0}, head_id{0, 0}, neuron_id{0, 1}, expert_id{0, 1}});
    CHECK(first({.heads = 1, .kinds = {target_kind<head_id>{}}}) == std::vector<target_id>{head_id{0, 0}});
}
