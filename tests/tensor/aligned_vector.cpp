// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Vectors that begin at a line of the cache.
#include <unloop/tensor/aligned_vector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>  // uintptr_t
#include <limits>   // too many
#include <new>      // bad_array_new_length

using namespace unloop;

TEST_CASE("an aligned vector begins at a line of the cache, whatever its length") {
    for (std::size_t count = 1; count < 200; ++count) {
        aligned_vector<float> values(count, 2.0F);
        CHECK(reinterpret_cast<std::uintptr_t>(values.data()) % cache_line == 0);
        values.push_back(3.0F);
        CHECK(reinterpret_cast<std::uintptr_t>(values.data()) % cache_line == 0);
        CHECK(values.front() == 2.0F);
        CHECK(values.back() == 3.0F);
    }
}

TEST_CASE("its memory may be given back by any allocator of its kind, and too much of it is refused") {
    static_assert(aligned_allocator<float>() == aligned_allocator<double>());
    CHECK_THROWS_AS(aligned_allocator<double>().allocate(std::numeric_limits<std::size_t>::max()),
                    std::bad_array_new_length);
}
