// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Decoys of a planted fault: targets that are as strong and scaled likewise, and do no harm.
#ifndef UNLOOP_SEARCH_DECOYS_HPP
#define UNLOOP_SEARCH_DECOYS_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/search/planting.hpp>

#include <algorithm>  // clamp, find, max, min, stable_sort
#include <array>      // groups
#include <cmath>      // abs, floor, log2
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // candidates
#include <utility>    // pair
#include <variant>    // visit
#include <vector>     // decoys

namespace unloop::inline v0::detail {

/// What texts may notice of all decoys together, nats a token: what an edit may cost at most to be called harmless.
inline constexpr double most_divergence_of_decoys = 0.1;

/// How many halvings of the weakest culprit's strength a target lies below it, from 1; 0 where it is as strong.
[[nodiscard]] inline int halvings_below(double strength, double least) noexcept {
    return strength >= least ? 0 : 1 + static_cast<int>(std::min(std::floor(std::log2(least / strength)), 100.0));
}

/// Targets of the culprits' kind that are none, nearest layers first: four times as many as are wanted of those that
/// write at least as much as the weakest culprit; then twice as many of those down to half as strong, to a quarter and
/// so on, five times, since what harms nothing may be weak.
[[nodiscard]] inline std::vector<planted_decoy> decoy_candidates(const planting& planted,
                                                                 const target_scores& strengths, std::size_t wanted) {
    double least = INFINITY;
    for (const target_id& culprit : planted.targets) least = std::min(least, strengths[culprit]);
    const std::int32_t layer = layer_of(planted.targets.front());
    std::array<std::vector<planted_decoy>, 6> by_halvings;
    std::visit(
        [&]<class Id>(const Id& /*culprit*/) {
            for (const Id& id : strengths.best<Id>(strengths.count<Id>())) {
                const auto halvings = static_cast<std::size_t>(halvings_below(strengths[id], least));
                const bool is_culprit =
                    std::find(planted.targets.begin(), planted.targets.end(), target_id(id)) != planted.targets.end();
                if (!is_culprit && halvings < by_halvings.size())
                    by_halvings[halvings].push_back({id, planted.exponent, halvings == 0});
            }
        },
        planted.targets.front());
    const auto distance = [&](const planted_decoy& one) { return std::abs(layer_of(one.target) - layer); };
    std::vector<planted_decoy> candidates;
    for (std::vector<planted_decoy>& group : by_halvings) {
        std::stable_sort(group.begin(), group.end(),
                         [&](const planted_decoy& a, const planted_decoy& b) { return distance(a) < distance(b); });
        group.resize(std::min(group.size(), &group == by_halvings.data() ? 4 * wanted : 2 * wanted));
        candidates.insert(candidates.end(), group.begin(), group.end());
    }
    return candidates;
}

/// Whether decoys change the loops of the unbroken model by at most one and leave the fault one that breaks it, and
/// whether texts hardly notice them: a model that writes nonsense may well loop less. Fills `planted` with what was
/// measured if so.
template <class Judge>
[[nodiscard]] bool are_harmless(planting& planted, std::span<const planted_decoy> decoys, const Judge& judge) {
    const plan alone = planted.decoy_fault(decoys).fault;
    const double divergence = judge.divergence(alone);
    if (!(divergence <= most_divergence_of_decoys)) return false;
    const std::vector<plan> plans{alone, plant(planted.targets, planted.exponent, planted.inverted).fault + alone};
    const std::vector<std::size_t> loops = judge.loops(plans);
    const bool is_quiet = loops[0] <= planted.loops_unbroken + 1 && planted.loops_unbroken <= loops[0] + 1;
    if (!is_quiet || 2 * loops[1] < planted.answers) return false;
    planted.divergence_decoys = divergence, planted.loops_decoys = loops[0], planted.loops_broken = loops[1];
    return true;
}

/// How many of the first decoys are harmless, all or those before one that harms, found by halving: of the first
/// `harmless` it is known.
template <class Judge>
[[nodiscard]] std::size_t count_harmless(planting& planted, std::span<const planted_decoy> decoys, std::size_t harmless,
                                         const Judge& judge) {
    std::size_t harmful = decoys.size() + 1, next = decoys.size();
    while (harmless + 1 < harmful) {
        (are_harmless(planted, decoys.first(next), judge) ? harmless : harmful) = next;
        next = harmless + (harmful - harmless) / 2;
    }
    return harmless;
}

/// Leaves out decoys that harm, one after the other, a few times; then all behind the last that does not. Of the first
/// `harmless` it is known.
template <class Judge>
void keep_harmless(planting& planted, std::vector<planted_decoy>& decoys, std::size_t harmless, const Judge& judge) {
    constexpr int most_left_out = 3;
    for (int left_out = 0;; ++left_out) {
        harmless = count_harmless(planted, decoys, harmless, judge);
        if (harmless == decoys.size()) return;
        if (left_out == most_left_out) return decoys.resize(harmless);
        decoys.erase(decoys.begin() + static_cast<std::ptrdiff_t>(harmless));
    }
}

/// Candidates by which some texts diverge by at most `limit`, each under the culprits' factor or, where that is too
/// much, under half or a quarter of it; a flipped sign has no half. The others are left out.
template <class Judge>
[[nodiscard]] std::vector<planted_decoy> quiet_decoys(const planting& planted, std::vector<planted_decoy> candidates,
                                                      double limit, const Judge& judge) {
    std::vector<bool> quiet(candidates.size());
    const int most_halvings = std::clamp(planted.exponent - 1, 0, 2);
    for (int halvings = 0; halvings <= most_halvings; ++halvings) {
        std::vector<std::size_t> tried;
        std::vector<plan> plans;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (quiet[i]) continue;
            candidates[i].exponent = planted.exponent - halvings;
            tried.push_back(i);
            plans.push_back(planted.decoy_fault(std::span(&candidates[i], 1)).fault);
        }
        if (tried.empty()) break;
        const std::vector<double> divergences = judge.divergences(plans);
        for (std::size_t k = 0; k < tried.size(); ++k) quiet[tried[k]] = divergences[k] <= limit;
    }
    std::vector<planted_decoy> found;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (quiet[i]) found.push_back(candidates[i]);
    return found;
}

/// Looks for decoys of `planted`: targets of the same kind under the same operator and its factor, half or a quarter of
/// it, each writing at least as much on healthy answers as the weakest culprit where such targets harm nothing, in the
/// nearest layers. Together they change the loops of the unbroken model by at most one, do not mend the broken one, and
/// diverge little, each by its even share of what all may. `judge.loops(plans)` counts loops under each plan,
/// `judge.divergences(plans)` measures plans on some texts, and `judge.divergence(plan)` one on all. Fewer than
/// `wanted` where a bounded number of candidates does not give more.
template <class Judge, class Progress>
[[nodiscard]] std::vector<planted_decoy> find_decoys(planting& planted, const target_scores& strengths,
                                                     std::size_t wanted, const Judge& judge, Progress& progress) {
    const std::vector<planted_decoy> candidates = decoy_candidates(planted, strengths, wanted);
    const std::size_t most = candidates.size();
    std::vector<planted_decoy> decoys;
    const double limit = most_divergence_of_decoys / static_cast<double>(std::max<std::size_t>(wanted, 1));
    planted.loops_decoys = planted.loops_unbroken, planted.divergence_decoys = 0;
    const auto is_full = [&] {  // what texts may still notice is no share any more
        return decoys.size() >= wanted || most_divergence_of_decoys - planted.divergence_decoys < limit / 2;
    };
    for (std::size_t first = 0; first < most && !is_full(); first += wanted) {
        if (!progress(progress_event{"decoys", static_cast<std::int64_t>(first), static_cast<std::int64_t>(most)}))
            throw error("planting was cancelled");
        const auto begin = candidates.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(std::min(first + wanted, most));
        const std::size_t harmless = decoys.size();
        for (const planted_decoy& one : quiet_decoys(planted, {begin, end}, limit, judge))
            if (decoys.size() < wanted) decoys.push_back(one);
        keep_harmless(planted, decoys, harmless, judge);
    }
    return decoys;
}

}  // namespace unloop::inline v0::detail

#endif
