// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Whether the best of many plans is better than chance makes the best of many plans.
#ifndef UNLOOP_SEARCH_SELECTION_NOISE_HPP
#define UNLOOP_SEARCH_SELECTION_NOISE_HPP

#include <unloop/evaluate/topic_changes.hpp>
#include <unloop/search/trial.hpp>

#include <algorithm>  // any_of, min
#include <cstddef>    // size_t
#include <span>       // null edits
#include <vector>     // loops

namespace unloop::inline v0 {

struct selection_noise {
    std::size_t plans = 0;                ///< different ones that the best was chosen from, partial trials included
    std::size_t loops_unedited = 0;       ///< answers of the unedited model that loop
    std::size_t loops_best = 0;           ///< of the best plan
    double p = 1;                         ///< of the difference, by sign flips of topics, two-sided
    double corrected_p = 1;               ///< times the number of plans (Bonferroni), 1 at most
    std::vector<std::size_t> loops_null;  ///< of edits that change next to nothing (`null_edits`)

    /// The difference does not hold after correction, or some null edit does as well: no evidence that the plan mends
    /// anything. On n topics p is at least 2^(1-n): 12 can tell the best of 102 plans from chance, 8 that of 6.
    [[nodiscard]] bool is_within() const {
        return corrected_p > 0.05 || std::any_of(loops_null.begin(), loops_null.end(),
                                                 [&](std::size_t loops) { return loops <= loops_best; });
    }
};

/// `best` was chosen from `plans`; both measured the whole of `suite`. O(2^topics), see `sign_flip_p`.
[[nodiscard]] inline selection_noise judge_selection(const probe_suite& suite, const measurement& unedited,
                                                     const measurement& best, std::size_t plans,
                                                     std::span<const trial> null_edits) {
    selection_noise noise{plans, detail::loops_of(unedited), detail::loops_of(best), 1, 1, {}};
    for (const trial& one : null_edits) noise.loops_null.push_back(detail::loops_of(one.measured));
    const auto loops = [](const answer_score& score) { return is_loop(score.what) ? 1.0 : 0.0; };
    noise.p = compare_scores(suite, unedited.answers, best.answers, loops).permutation_p;
    noise.corrected_p = std::min(1.0, noise.p * static_cast<double>(plans));
    return noise;
}

}  // namespace unloop::inline v0

#endif
