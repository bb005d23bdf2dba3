// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Scores as a list of numbers, and back: how a memory of numbers keeps them.
#ifndef UNLOOP_ATTRIBUTE_SCORE_VALUES_HPP
#define UNLOOP_ATTRIBUTE_SCORE_VALUES_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/attribute/value_memory.hpp>
#include <unloop/core/expects.hpp>

#include <algorithm>    // copy_n
#include <cstddef>      // size_t
#include <span>         // values
#include <string_view>  // keys
#include <utility>      // move
#include <vector>       // values

namespace unloop::inline v0 {

/// All scores: kind after kind, layer after layer.
[[nodiscard]] inline std::vector<double> values_of(const target_scores& scores) {
    std::vector<double> values;
    for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
        for (std::size_t l = 0; l < scores.layers(); ++l)
            values.insert(values.end(), scores.of<Id>(l).begin(), scores.of<Id>(l).end());
    });
    return values;
}

/// Scores of the shape of `scores` from their values, one a target.
[[nodiscard]] inline target_scores scores_from(std::span<const double> values, target_scores scores) {
    for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
        for (std::size_t l = 0; l < scores.layers(); ++l) {
            std::vector<double>& to = scores.of<Id>(l);
            expects(values.size() >= to.size(), "scores_from: a value for every target");
            std::copy_n(values.begin(), to.size(), to.begin());
            values = values.subspan(to.size());
        }
    });
    return scores;
}

/// `recalled` of scores: `compute()` gives some of the shape of `scores`.
template <class Memory, class Compute>
[[nodiscard]] target_scores recalled_scores(Memory& memory, std::string_view key, target_scores scores,
                                            const Compute& compute) {
    const std::size_t count = values_of(scores).size();
    return scores_from(recalled(memory, key, count, [&] { return values_of(compute()); }), std::move(scores));
}

}  // namespace unloop::inline v0

#endif
