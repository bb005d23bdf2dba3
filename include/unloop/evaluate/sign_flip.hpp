// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The sign-flip permutation test: whether paired differences have a mean other than 0.
#ifndef UNLOOP_EVALUATE_SIGN_FLIP_HPP
#define UNLOOP_EVALUATE_SIGN_FLIP_HPP

#include <unloop/core/random.hpp>

#include <bit>      // countr_zero
#include <cmath>    // abs
#include <cstddef>  // size_t
#include <cstdint>  // uint64_t
#include <span>     // differences
#include <vector>   // those that are not 0

namespace unloop::inline v0 {

struct sign_flip_options {
    std::size_t exact_below = 20;  ///< up to so many differences that are not 0, all sign patterns are counted
    std::size_t draws = 100'000;   ///< of sign patterns, where there are more
    std::uint64_t seed = 0;
};

/// Two-sided p of the hypothesis that each difference is as likely with the other sign: the share of all sign patterns
/// under which the sum is at least as far from 0 as it is; of drawn patterns (1 + hits) / (1 + draws), which never is
/// 0. 1 when all are 0. (Fisher, "The design of experiments", 1935, section 21; Phipson and Smyth, "Permutation
/// p-values should never be zero", 2010.) O(2^n), or O(draws x n).
[[nodiscard]] inline double sign_flip_p(std::span<const double> differences, const sign_flip_options& options = {}) {
    std::vector<double> values;
    double sum = 0, size = 0;
    for (const double value : differences)
        if (value != 0) values.push_back(value), sum += value, size += std::abs(value);
    if (values.empty()) return 1;
    const double limit = std::abs(sum) - 1e-9 * size;  // equal sums differ by rounding
    std::size_t hits = 0;
    if (values.size() <= options.exact_below) {
        // A Gray code turns one sign a step.
        const std::uint64_t patterns = std::uint64_t{1} << values.size();
        double flipped = sum;
        for (std::uint64_t i = 1; i <= patterns; ++i) {
            hits += std::abs(flipped) >= limit ? 1 : 0;
            if (i == patterns) break;
            double& value = values[static_cast<std::size_t>(std::countr_zero(i))];
            flipped -= 2 * value;
            value = -value;
        }
        return static_cast<double>(hits) / static_cast<double>(patterns);
    }
    for (std::size_t draw = 0; draw < options.draws; ++draw) {
        double flipped = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::uint64_t signs = random_bits(options.seed, draw, i / 64);
            flipped += (signs >> (i % 64) & 1) != 0 ? values[i] : -values[i];
        }
        hits += std::abs(flipped) >= limit ? 1 : 0;
    }
    return static_cast<double>(1 + hits) / static_cast<double>(1 + options.draws);
}

}  // namespace unloop::inline v0

#endif
