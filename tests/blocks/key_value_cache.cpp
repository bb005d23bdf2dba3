// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Where keys and values lie: rows apart, positions in a ring, tiles that never wrap.
#include <unloop/blocks/key_value_cache.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>     // no address twice
#include <vector>  // memory

using namespace unloop;

TEST_CASE("every position of every row has a place of its own, and the ring comes round") {
    const std::size_t rows = 3, capacity = 2 * key_tile, heads = 3, head_size = 2;
    std::vector<float> keys(rows * heads * capacity * head_size), values(keys.size());
    const key_value_cache cache{keys.data(), values.data(), capacity, heads, head_size};
    CHECK(rows * cache.values_a_row() == keys.size());
    std::set<const float*> places;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t position = 0; position < capacity; ++position)
            for (std::size_t head = 0; head < heads; ++head) {
                const auto key = cache.key(row, position, head);
                CHECK(key.size() == head_size);
                CHECK(key.data() >= keys.data());
                CHECK(key.data() + head_size <= keys.data() + keys.size());
                CHECK(cache.value(row, position, head).data() - values.data() == key.data() - keys.data());
                CHECK(cache.key(row, position + capacity, head).data() == key.data());
                places.insert(key.data());
            }
    CHECK(places.size() == rows * capacity * heads);
}

TEST_CASE("a tile shows one head of consecutive positions") {
    const std::size_t capacity = 2 * key_tile, heads = 3, head_size = 2, width = heads * head_size;
    std::vector<float> keys(2 * capacity * width), values(keys.size());
    const key_value_cache cache{keys.data(), values.data(), capacity, heads, head_size};
    for (std::size_t position = 0; position < 3 * key_tile; ++position) {
        std::vector<float> key(width), value(width), kept_key(width), kept_value(width);
        for (std::size_t c = 0; c < width; ++c) key[c] = static_cast<float>(100 * position + c), value[c] = -key[c];
        cache.store(1, position, key, value);
        cache.load(1, position, kept_key, kept_value);
        REQUIRE(kept_key == key);
        REQUIRE(kept_value == value);
    }
    // Positions of the third tile have replaced those of the first.
    for (const std::size_t tile : {1U, 2U})
        for (const std::size_t begin : {0U, 5U, 63U})
            for (std::size_t head = 0; head < heads; ++head) {
                const std::size_t first = tile * key_tile + begin, count = key_tile - begin;
                const const_matrix_view seen = cache.tile(cache.keys, 1, first, count, head);
                CHECK(seen.rows() == count);
                CHECK(seen.columns() == head_size);
                for (std::size_t i = 0; i < count; ++i)
                    for (std::size_t c = 0; c < head_size; ++c)
                        REQUIRE(seen[i][c] == static_cast<float>(100 * (first + i) + head * head_size + c));
            }
}
