// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// When a counter reports, and what.
#include <unloop/core/progress_counter.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <vector>

TEST_CASE("a counter reports at once, then after enough units, and hands on what the sink says") {
    std::vector<std::int64_t> told;
    const auto sink = [&](const unloop::progress_event& event) {
        CHECK(event.stage == "count");
        CHECK(event.total == 100);
        told.push_back(event.done);
        return event.done < 60;
    };
    unloop::progress_counter counter("count", 100, 25);
    std::vector<bool> goes_on;
    for (int i = 0; i < 9; ++i) goes_on.push_back(counter.add(10, sink));
    CHECK(told == std::vector<std::int64_t>{10, 40, 70});
    CHECK(goes_on == std::vector<bool>{true, true, true, true, true, true, false, true, true});
}
