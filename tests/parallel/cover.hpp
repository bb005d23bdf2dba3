// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What every executor promises, checked by counting.
#ifndef UNLOOP_TESTS_PARALLEL_COVER_HPP
#define UNLOOP_TESTS_PARALLEL_COVER_HPP

#include <atomic>   // counts
#include <cstddef>  // size_t
#include <vector>   // one a place

/// Whether `executor` calls its body for every index below `count` once, in ranges that begin at multiples of
/// `grain`.
template <class Executor>
bool covers_once(Executor& executor, std::size_t count, std::size_t grain) {
    std::vector<std::atomic<int>> visits(count);
    std::atomic<bool> well_cut{true};
    executor.for_each(count, grain, [&](std::size_t first, std::size_t last) {
        const std::size_t unit = grain > 0 ? grain : 1;
        const bool whole = last == count || (last - first) % unit == 0;
        if (first >= last || last > count || first % unit != 0 || !whole) well_cut = false;
        for (std::size_t i = first; i < last && i < count; ++i) ++visits[i];
    });
    for (const auto& visit : visits)
        if (visit != 1) return false;
    return well_cut;
}

#endif
