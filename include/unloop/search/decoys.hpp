// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Decoys of a planted fault: targets that are as strong and scaled likewise, and break nothing.
#ifndef UNLOOP_SEARCH_DECOYS_HPP
#define UNLOOP_SEARCH_DECOYS_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/search/planting.hpp>

#include <algorithm>  // find, min, stable_sort
#include <cmath>      // abs
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // candidates
#include <utility>    // pair
#include <variant>    // visit
#include <vector>     // decoys

namespace unloop::inline v0::detail {

/// Targets of the culprits' kind that are none: first those that write at least as much as the weakest culprit, nearest
/// layers first; then the others, strongest first.
[[nodiscard]] inline std::vector<planted_decoy> decoy_candidates(const planting& planted,
                                                                 const target_scores& strengths) {
    double least = INFINITY;
    for (const target_id& culprit : planted.targets) least = std::min(least, strengths[culprit]);
    const std::int32_t layer = layer_of(planted.targets.front());
    std::vector<planted_decoy> all;
    std::visit(
        [&]<class Id>(const Id& /*culprit*/) {
            for (const Id& id : strengths.best<Id>(strengths.count<Id>())) {
                const bool is_culprit =
                    std::find(planted.targets.begin(), planted.targets.end(), target_id(id)) != planted.targets.end();
                if (!is_culprit) all.push_back({id, planted.exponent, strengths[id] >= least});
            }
        },
        planted.targets.front());
    const auto distance = [&](const planted_decoy& one) { return std::abs(layer_of(one.target) - layer); };
    std::stable_sort(all.begin(), all.end(), [&](const planted_decoy& a, const planted_decoy& b) {
        if (a.is_as_strong != b.is_as_strong) return a.is_as_strong;
        return a.is_as_strong && distance(a) < distance(b);
    });
    return all;
}

/// How many of the first decoys change the loops of the unbroken model by at most one and leave the fault one that
/// breaks it; all beginnings are tried in one batch. Fills the loops of `planted`.
template <class LoopsUnder>
[[nodiscard]] std::size_t count_harmless(planting& planted, std::span<const planted_decoy> decoys,
                                         const LoopsUnder& loops_under) {
    const plan culprits = plant(planted.targets, planted.exponent, planted.inverted).fault;
    std::vector<plan> plans;
    for (std::size_t count = 0; count <= decoys.size(); ++count) {
        plans.push_back(planted.decoy_fault(decoys.first(count)).fault);
        plans.push_back(culprits + plans.back());
    }
    const std::vector<std::size_t> loops = loops_under(plans);
    std::size_t kept = 0;
    for (std::size_t count = 0; count <= decoys.size(); ++count) {
        const std::size_t alone = loops[2 * count], with_culprits = loops[2 * count + 1];
        const bool is_harmless = alone <= planted.loops_unbroken + 1 && planted.loops_unbroken <= alone + 1;
        if (count > 0 && (!is_harmless || 2 * with_culprits < planted.answers)) continue;
        kept = count, planted.loops_decoys = alone, planted.loops_broken = with_culprits;
    }
    return kept;
}

/// Leaves out decoys that harm, one after the other, a few times; then all behind the last that does not.
template <class LoopsUnder>
void keep_harmless(planting& planted, std::vector<planted_decoy>& decoys, const LoopsUnder& loops_under) {
    for (int attempt = 0;; ++attempt) {
        const std::size_t kept = count_harmless(planted, decoys, loops_under);
        if (kept == decoys.size()) return;
        if (attempt == 3) return decoys.resize(kept);
        decoys.erase(decoys.begin() + static_cast<std::ptrdiff_t>(kept));
    }
}

/// Looks for decoys of `planted`: targets of the same kind under the same operator and its factor or half of it, each
/// writing at least as much on healthy answers as the weakest culprit where such targets exist, in the nearest layers,
/// none of which adds a loop alone, and which together change the loops of the unbroken model by at most one and do not
/// mend the broken one. `loops_under(plans)` counts loops. Fewer than `wanted` where a bounded number of candidates
/// does not give more.
template <class LoopsUnder, class Progress>
[[nodiscard]] std::vector<planted_decoy> find_decoys(planting& planted, const target_scores& strengths,
                                                     std::size_t wanted, const LoopsUnder& loops_under,
                                                     Progress& progress) {
    const std::vector<planted_decoy> candidates = decoy_candidates(planted, strengths);
    const std::size_t most = std::min(candidates.size(), 4 * wanted);
    std::vector<planted_decoy> decoys;
    planted.loops_decoys = planted.loops_unbroken;
    for (std::size_t first = 0; first < most && decoys.size() < wanted; first += wanted) {
        if (!progress(progress_event{"decoys", static_cast<std::int64_t>(first), static_cast<std::int64_t>(most)}))
            throw error("planting was cancelled");
        std::vector<planted_decoy> tried;
        for (std::size_t i = first; i < std::min(first + wanted, most); ++i) {
            tried.push_back(candidates[i]);
            if (planted.exponent < 2) continue;  // a flipped sign has no half
            tried.push_back(candidates[i]);
            --tried.back().exponent;
        }
        std::vector<plan> plans;
        for (const planted_decoy& one : tried) plans.push_back(planted.decoy_fault(std::span(&one, 1)).fault);
        const std::vector<std::size_t> loops = loops_under(plans);
        for (std::size_t i = 0; i < tried.size() && decoys.size() < wanted; ++i) {
            const bool is_known = !decoys.empty() && decoys.back().target == tried[i].target;
            if (!is_known && loops[i] <= planted.loops_unbroken) decoys.push_back(tried[i]);
        }
        if (!decoys.empty()) keep_harmless(planted, decoys, loops_under);
    }
    return decoys;
}

}  // namespace unloop::inline v0::detail

#endif
