// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A memory of numbers that counts what it is given, and breaks down when a test wants it to.
#ifndef UNLOOP_TESTS_SUPPORT_WATCHED_MEMORY_HPP
#define UNLOOP_TESTS_SUPPORT_WATCHED_MEMORY_HPP

#include <unloop/attribute/value_memory.hpp>
#include <unloop/core/error.hpp>

#include <cstddef>
#include <limits>

namespace test {

struct watched_memory {
    unloop::memory_of_values values = {};
    std::size_t kept = 0;
    std::size_t most = std::numeric_limits<std::size_t>::max();  ///< then `keep` throws, as if the process were killed

    [[nodiscard]] std::optional<std::vector<double>> find(std::string_view key) const { return values.find(key); }
    void keep(std::string_view key, const std::vector<double>& numbers) {
        if (kept == most) throw unloop::error("killed");
        values.keep(key, numbers);
        ++kept;
    }
};
static_assert(unloop::value_memory<watched_memory>);

/// Whether `work(memory)` that is killed after any number of things were kept goes on to the same result, computes
/// nothing twice, and whether nothing at all is computed when all is known.
template <class Work>
[[nodiscard]] bool goes_on_from_a_memory(const Work& work) {
    watched_memory whole;
    const auto result = work(whole);
    if (whole.kept == 0) return false;
    for (const std::size_t killed_after : {std::size_t{0}, whole.kept / 2, whole.kept - 1}) {
        watched_memory memory;
        memory.most = killed_after;
        try {
            (void)work(memory);
            return false;
        } catch (const unloop::error&) {
        }
        memory.most = std::numeric_limits<std::size_t>::max();
        if (!(work(memory) == result) || memory.kept != whole.kept) return false;
    }
    whole.most = whole.kept;
    return work(whole) == result;
}

}  // namespace test

#endif
