// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Keys and values of one layer for every row: where they lie, not who owns them.
#ifndef UNLOOP_BLOCKS_KEY_VALUE_CACHE_HPP
#define UNLOOP_BLOCKS_KEY_VALUE_CACHE_HPP

#include <unloop/tensor/view.hpp>

#include <algorithm>  // copy_n
#include <cstddef>    // size_t
#include <span>       // one position

namespace unloop::inline v0 {

/// Positions of attention are handled in tiles of this many, anchored at multiples of it: sums then have one order
/// whatever the chunk of a prompt. A ring's capacity is a multiple of it, so that a tile never wraps.
inline constexpr std::size_t key_tile = 64;

/// [rows, capacity, width] each; position p of a row lies in slot p % capacity.
struct key_value_cache {
    float* keys = nullptr;
    float* values = nullptr;
    std::size_t capacity = 0;  ///< positions a row, a multiple of `key_tile`
    std::size_t width = 0;     ///< key/value heads x head size

    [[nodiscard]] std::size_t offset(std::size_t row, std::size_t position) const noexcept {
        return (row * capacity + position % capacity) * width;
    }
    [[nodiscard]] std::span<float> key(std::size_t row, std::size_t position) const noexcept {
        return {keys + offset(row, position), width};
    }
    [[nodiscard]] std::span<float> value(std::size_t row, std::size_t position) const noexcept {
        return {values + offset(row, position), width};
    }
    /// Copies `count` slots of a row to the same slots of another, from that of `position` on, up to the ring's end.
    void copy(std::size_t from, std::size_t to, std::size_t position, std::size_t count) const noexcept {
        for (float* const values_of : {keys, values})
            std::copy_n(values_of + offset(from, position), count * width, values_of + offset(to, position));
    }
    /// [count, head_size]: one head's channels of positions [first, first + count) that lie in one tile.
    [[nodiscard]] const_matrix_view tile(const float* base, std::size_t row, std::size_t first, std::size_t count,
                                         std::size_t head, std::size_t head_size) const noexcept {
        return {base + offset(row, first) + head * head_size, {count, head_size}, {width, 1}};
    }
};

}  // namespace unloop::inline v0

#endif
