// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Rates and means with intervals that describe how far they can be trusted; no test of a hypothesis is meant by them.
#ifndef UNLOOP_EVALUATE_RATE_HPP
#define UNLOOP_EVALUATE_RATE_HPP

#include <algorithm>  // clamp
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <span>       // values

namespace unloop::inline v0 {

/// 0.975 quantile of the normal distribution: intervals cover 95 %.
inline constexpr double two_sided_95 = 1.959963984540054;

struct interval {
    double low = 0;
    double high = 0;
    friend constexpr bool operator==(const interval&, const interval&) = default;
};

/// `count` of `total`.
struct rate {
    std::size_t count = 0;
    std::size_t total = 0;

    /// 0 when `total` is 0.
    [[nodiscard]] double value() const noexcept {
        return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
    }
    /// Wilson's score interval, 95 % (Wilson, "Probable inference, the law of succession, and statistical inference",
    /// JASA 1927); [0, 1] when `total` is 0. Answers of one topic are alike, so it is narrower than the truth.
    [[nodiscard]] interval wilson() const noexcept {
        if (total == 0) return {0, 1};
        const double n = static_cast<double>(total), p = value(), z2 = two_sided_95 * two_sided_95;
        const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
        const double half = two_sided_95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
        // At 0 and 1 a bound is exact, and rounding must not take it away.
        return {count == 0 ? 0 : std::clamp(centre - half, 0.0, p),
                count == total ? 1 : std::clamp(centre + half, p, 1.0)};
    }
    friend constexpr bool operator==(const rate&, const rate&) = default;
};

/// Mean of `count` values, and the normal 95 % interval of it: mean -+ 1.96 standard errors; for one value or none, the
/// mean alone.
struct average {
    double mean = 0;
    interval range;
    std::size_t count = 0;
    friend constexpr bool operator==(const average&, const average&) = default;
};

[[nodiscard]] inline average average_of(std::span<const double> values) noexcept {
    if (values.empty()) return {};
    const auto n = static_cast<double>(values.size());
    double sum = 0, squares = 0;
    for (const double value : values) sum += value;
    const double mean = sum / n;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const double half = values.size() < 2 ? 0 : two_sided_95 * std::sqrt(squares / (n - 1) / n);
    return {mean, {mean - half, mean + half}, values.size()};
}

}  // namespace unloop::inline v0

#endif
