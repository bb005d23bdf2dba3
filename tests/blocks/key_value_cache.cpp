// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Where keys and values lie: rows apart, positions in a ring, tiles that never wrap.
#include <unloop/blocks/key_value_cache.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>     // no address twice
#include <vector>  // memory

using namespace unloop;

TEST_CASE("every position of every row has a place of its own, and the ring comes round") {
    const std::size_t rows = 3, capacity = 2 * key_tile, width = 6;
    std::vector<float> keys(rows * capacity * width), values(keys.size());
    const key_value_cache cache{keys.data(), values.data(), capacity, width};
    std::set<const float*> places;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t position = 0; position < capacity; ++position) {
            const auto key = cache.key(row, position);
            CHECK(key.size() == width);
            CHECK(key.data() >= keys.data());
            CHECK(key.data() + width <= keys.data() + keys.size());
            CHECK(cache.value(row, position).data() - values.data() == key.data() - keys.data());
            CHECK(cache.key(row, position + capacity).data() == key.data());
            places.insert(key.data());
        }
    CHECK(places.size() == rows * capacity);
}

TEST_CASE("a tile shows one head of consecutive positions") {
    const std::size_t capacity = 2 * key_tile, width = 6, head_size = 2;
    std::vector<float> keys(2 * capacity * width), values(keys.size());
    const key_value_cache cache{keys.data(), values.data(), capacity, width};
    for (std::size_t position = 0; position < 3 * key_tile; ++position)
        for (std::size_t c = 0; c < width; ++c) cache.key(1, position)[c] = static_cast<float>(100 * position + c);
    // Positions of the third tile have replaced those of the first.
    for (const std::size_t tile : {1U, 2U})
        for (const std::size_t begin : {0U, 5U, 63U})
            for (std::size_t head = 0; head < 3; ++head) {
                const std::size_t first = tile * key_tile + begin, count = key_tile - begin;
                const const_matrix_view seen = cache.tile(cache.keys, 1, first, count, head, head_size);
                CHECK(seen.rows() == count);
                CHECK(seen.columns() == head_size);
                for (std::size_t i = 0; i < count; ++i)
                    for (std::size_t c = 0; c < head_size; ++c)
                        REQUIRE(seen[i][c] == static_cast<float>(100 * (first + i) + head * head_size + c));
            }
}
