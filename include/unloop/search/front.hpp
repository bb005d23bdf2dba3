// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The front of a search: trials that no other one beats in loops, in side effects and in size at once.
#ifndef UNLOOP_SEARCH_FRONT_HPP
#define UNLOOP_SEARCH_FRONT_HPP

#include <unloop/search/trial.hpp>

#include <algorithm>  // sort
#include <array>      // what is compared
#include <cstddef>    // size_t
#include <span>       // trials
#include <vector>     // indices

namespace unloop::inline v0 {

/// Indices of the trials on the whole suite to which there is no other with as few or fewer loops, as little or less
/// divergence, and as few or fewer weights touched, and less of one; of equal ones the first. Ascending by weights,
/// then by loops. O(n^2).
[[nodiscard]] inline std::vector<std::size_t> search_front(std::span<const trial> trials) {
    const auto costs = [&](std::size_t i) {
        return std::array{static_cast<double>(trials[i].weights), loop_rate(trials[i].measured),
                          trials[i].healthy.mean};
    };
    const auto beats = [&](std::size_t a, std::size_t b) {
        const auto left = costs(a), right = costs(b);
        if (left == right) return a < b;
        for (std::size_t k = 0; k < left.size(); ++k)
            if (left[k] > right[k]) return false;
        return true;
    };
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        bool is_beaten = trials[i].is_partial;
        for (std::size_t k = 0; k < trials.size() && !is_beaten; ++k)
            is_beaten = k != i && !trials[k].is_partial && beats(k, i);
        if (!is_beaten) front.push_back(i);
    }
    std::sort(front.begin(), front.end(),
              [&](std::size_t a, std::size_t b) { return costs(a) != costs(b) ? costs(a) < costs(b) : a < b; });
    return front;
}

}  // namespace unloop::inline v0

#endif
