// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How far two scorings of the same targets agree: rank correlation, and what the best of both have in common.
#ifndef UNLOOP_ATTRIBUTE_RANK_AGREEMENT_HPP
#define UNLOOP_ATTRIBUTE_RANK_AGREEMENT_HPP

#include <unloop/core/expects.hpp>

#include <algorithm>  // sort
#include <cmath>      // abs, isnan, sqrt
#include <cstddef>    // size_t
#include <iterator>   // back_inserter
#include <numeric>    // iota
#include <optional>   // correlations that are not defined
#include <span>       // scores
#include <vector>     // ranks

namespace unloop::inline v0 {

namespace detail {

/// Ranks from 1 on, smallest first; equal values share the mean of theirs. None is a NaN.
[[nodiscard]] inline std::vector<double> ranks_of(std::span<const double> values) {
    for (const double value : values) expects(!std::isnan(value), "ranks_of: every value is a number");
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
        for (std::size_t i = first; i < last; ++i) ranks[order[i]] = (static_cast<double>(first + last - 1)) / 2 + 1;
    }
    return ranks;
}

/// Positions of the `count` values of largest magnitude, ties to the lower one, ascending.
[[nodiscard]] inline std::vector<std::size_t> largest(std::span<const double> values, std::size_t count) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return std::abs(values[a]) > std::abs(values[b]); });
    order.resize(std::min(count, order.size()));
    std::sort(order.begin(), order.end());
    return order;
}

}  // namespace detail

/// Spearman's rank correlation, ties counted by mean ranks. Nothing for fewer than three values, or where one side is
/// constant. O(n log n).
[[nodiscard]] inline std::optional<double> spearman(std::span<const double> a, std::span<const double> b) {
    expects(a.size() == b.size(), "spearman: as many values on both sides");
    if (a.size() < 3) return std::nullopt;
    const std::vector<double> left = detail::ranks_of(a), right = detail::ranks_of(b);
    const double middle = (static_cast<double>(a.size()) + 1) / 2;
    double both = 0, lefts = 0, rights = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        both += (left[i] - middle) * (right[i] - middle);
        lefts += (left[i] - middle) * (left[i] - middle);
        rights += (right[i] - middle) * (right[i] - middle);
    }
    if (lefts == 0 || rights == 0) return std::nullopt;
    return both / std::sqrt(lefts * rights);
}

/// Of the `count` values of largest magnitude on one side, the share that is among those of the other. O(n log n).
[[nodiscard]] inline double top_overlap(std::span<const double> a, std::span<const double> b, std::size_t count) {
    expects(a.size() == b.size(), "top_overlap: as many values on both sides");
    const std::vector<std::size_t> left = detail::largest(a, count), right = detail::largest(b, count);
    if (left.empty()) return 1;
    std::vector<std::size_t> common;
    std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(common));
    return static_cast<double>(common.size()) / static_cast<double>(left.size());
}

}  // namespace unloop::inline v0

#endif
