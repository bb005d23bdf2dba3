// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The serial executor: one call with the whole range, on the calling thread.
#include <unloop/parallel/serial.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/executor.hpp>

#include <utility>  // ranges
#include <vector>   // calls

TEST_CASE("serial covers every index once, in one call") {
    unloop::serial executor;
    for (std::size_t count = 0; count < 40; ++count)
        for (std::size_t grain : {0U, 1U, 3U, 100U}) {
            CHECK(laws::watched_loop(executor, count, grain).is_sound());
            std::vector<std::pair<std::size_t, std::size_t>> calls;
            executor.for_each(count, grain,
                              [&](std::size_t first, std::size_t last) { calls.emplace_back(first, last); });
            CHECK(calls.size() == (count > 0 ? 1U : 0U));
        }
    static_assert(unloop::serial::threads() == 1);
}
