// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

#include <unloop/tensor/zeroed_memory.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/tensor/bfloat16.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace {

using namespace unloop;

template <class Element>
void check(std::size_t count) {
    zeroed_memory<Element> memory(count);
    const std::span<Element> values = memory;
    CHECK(values.size() == count);
    CHECK(reinterpret_cast<std::uintptr_t>(values.data()) % cache_line == 0);
    const std::vector<std::byte> zeros(values.size_bytes());
    CHECK((count == 0 || std::memcmp(values.data(), zeros.data(), zeros.size()) == 0));
    std::fill(values.begin(), values.end(), Element(3));  // all of it is there
    const zeroed_memory<Element> moved = std::move(memory);
    CHECK(moved.data() == values.data());
}

}  // namespace

TEST_CASE("memory of zeros begins at a line of the cache and holds what was asked for") {
    for (const std::size_t count : {0U, 1U, 3U, 16U, 1000U, 100'000U}) {
        check<float>(count);
        check<bfloat16>(count);
        check<std::size_t>(count);
    }
    CHECK_THROWS_AS(zeroed_memory<float>(static_cast<std::size_t>(-1)), std::bad_alloc);
    CHECK_THROWS_AS(zeroed_memory<float>(static_cast<std::size_t>(-1) / 4), std::bad_alloc);
}
