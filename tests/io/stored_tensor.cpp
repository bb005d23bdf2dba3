// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Counting the values of a shape without overflow.
#include <unloop/io/stored_tensor.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <optional>
#include <vector>

TEST_CASE("values are counted, and shapes too large to count are told apart") {
    const auto count = [](std::vector<std::uint64_t> shape) { return unloop::count_values(shape); };
    constexpr std::uint64_t one = 1;
    CHECK(count({}) == 1U);
    CHECK(count({2, 3, 4}) == 24U);
    CHECK(count({5, 0}) == 0U);
    CHECK(count({one << 31, one << 31}) == one << 62);
    CHECK(count({(one << 63) - 1}) == (one << 63) - 1);
    CHECK(count({one << 63}) == std::nullopt);
    CHECK(count({one << 32, one << 32}) == std::nullopt);
    CHECK(count({one << 32, 0, one << 32}) == std::nullopt);  // the rows alone would overflow
}
