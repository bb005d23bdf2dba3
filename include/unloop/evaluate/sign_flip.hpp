// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The sign-flip permutation test: whether paired differences have a mean other than 0.
#ifndef UNLOOP_EVALUATE_SIGN_FLIP_HPP
#define UNLOOP_EVALUATE_SIGN_FLIP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/core/random.hpp>

#include <bit>      // countr_zero
#include <cmath>    // abs, isfinite
#include <cstddef>  // size_t
#include <cstdint>  // uint64_t, uint8_t
#include <span>     // differences
#include <vector>   // those that are not 0

namespace unloop::inline v0 {

/// Which sums are counted beside the one that is judged.
enum class tested_side : std::uint8_t {
    both,   ///< those at least as far from 0
    below,  ///< those at most as high: are differences below 0?
};

struct sign_flip_options {
    tested_side side = tested_side::both;
    std::size_t exact_below = 20;  ///< up to so many differences that are not 0, all sign patterns are counted
    std::size_t draws = 100'000;   ///< of sign patterns, where there are more
    std::uint64_t seed = 0;
};

/// P of the hypothesis that each difference is as likely with the other sign: the share of all sign patterns under
/// which the sum is at least as far from 0 as it is, or with `tested_side::below` at most as high; of drawn patterns (1
/// + hits) / (1 + draws), which never is 0. 1 when all are 0; they must be finite. (Fisher, "The design of
/// experiments", 1935, section 21; Phipson and Smyth, "Permutation p-values should never be zero", 2010.) O(2^n), or
/// O(draws x n).
[[nodiscard]] inline double sign_flip_p(std::span<const double> differences, const sign_flip_options& options = {}) {
    std::vector<double> values;
    double sum = 0, size = 0;
    for (const double value : differences) {
        expects(std::isfinite(value), "sign_flip_p: differences are finite");
        if (value != 0) values.push_back(value), sum += value, size += std::abs(value);
    }
    if (values.empty()) return 1;
    const double rounding = 1e-9 * size;  // equal sums differ by it
    const double above = std::abs(sum) - rounding, below = sum + rounding;
    const auto is_hit = [&](double flipped) {
        return options.side == tested_side::both ? std::abs(flipped) >= above : flipped <= below;
    };
    std::size_t hits = 0;
    if (values.size() <= options.exact_below) {
        // A Gray code turns one sign a step.
        const std::uint64_t patterns = std::uint64_t{1} << values.size();
        double flipped = sum;
        for (std::uint64_t i = 1; i <= patterns; ++i) {
            hits += is_hit(flipped) ? 1 : 0;
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
        hits += is_hit(flipped) ? 1 : 0;
    }
    return static_cast<double>(1 + hits) / static_cast<double>(1 + options.draws);
}

}  // namespace unloop::inline v0

#endif
