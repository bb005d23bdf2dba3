// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The signed-rank test: whether paired differences lean to one side, however far a few of them go.
#ifndef UNLOOP_EVALUATE_SIGNED_RANKS_HPP
#define UNLOOP_EVALUATE_SIGNED_RANKS_HPP

#include <unloop/attribute/rank_agreement.hpp>
#include <unloop/evaluate/sign_flip.hpp>

#include <cmath>    // abs, copysign
#include <cstddef>  // size_t
#include <span>     // differences
#include <vector>   // ranks

namespace unloop::inline v0 {

/// P of the same hypothesis as that of `sign_flip_p`, on the same side, with ranks of magnitudes in place of
/// differences, so that one difference far from 0 neither makes the case nor hides it. Those that are 0 are left out,
/// equal magnitudes share the mean of their ranks. (Wilcoxon, "Individual comparisons by ranking methods", 1945.) Cost:
/// that of `sign_flip_p`.
[[nodiscard]] inline double signed_rank_p(std::span<const double> differences, const sign_flip_options& options = {}) {
    std::vector<double> values, sizes;
    for (const double value : differences)
        if (value != 0) values.push_back(value), sizes.push_back(std::abs(value));
    std::vector<double> ranks = detail::ranks_of(sizes);
    for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i] = std::copysign(ranks[i], values[i]);
    return sign_flip_p(ranks, options);
}

}  // namespace unloop::inline v0

#endif
