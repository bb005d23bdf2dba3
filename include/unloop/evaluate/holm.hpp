// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Holm's correction: what p values are worth when several hypotheses are tested.
#ifndef UNLOOP_EVALUATE_HOLM_HPP
#define UNLOOP_EVALUATE_HOLM_HPP

#include <algorithm>  // max, min, stable_sort
#include <cstddef>    // size_t
#include <numeric>    // iota
#include <span>       // p values
#include <vector>     // adjusted ones

namespace unloop::inline v0 {

/// Adjusted p values, in the order given: rejecting those up to .05 makes any false rejection among all of them at most
/// 5 % likely, whatever depends on what. The k-th smallest of n is multiplied by n - k + 1, and none is below a smaller
/// one's. (Holm, "A simple sequentially rejective multiple test procedure", 1979.) O(n log n).
[[nodiscard]] inline std::vector<double> holm(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    std::vector<double> adjusted(p.size());
    double largest = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        largest = std::max(largest, static_cast<double>(p.size() - k) * p[order[k]]);
        adjusted[order[k]] = std::min(1.0, largest);
    }
    return adjusted;
}

}  // namespace unloop::inline v0

#endif
