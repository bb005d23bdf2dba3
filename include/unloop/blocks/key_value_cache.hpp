// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Keys and values of one layer for every row: where they lie, not who owns them.
#ifndef UNLOOP_BLOCKS_KEY_VALUE_CACHE_HPP
#define UNLOOP_BLOCKS_KEY_VALUE_CACHE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/tensor/bfloat16.hpp>
#include <unloop/tensor/view.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>  // copy, copy_n, min, transform
#include <cstddef>    // size_t
#include <cstdint>    // uint8_t
#include <span>       // one position

namespace unloop::inline v0 {

/// Positions of attention are handled in tiles of this many, anchored at multiples of it: sums then have one order
/// whatever the chunk of a prompt. A ring's capacity is a multiple of it, so that a tile never wraps.
inline constexpr std::size_t key_tile = 64;

/// How keys and values are kept. bf16 takes half the memory, and rounds each once, to nearest even: results then have
/// the bits of bf16 caches whatever the batch, chunk and threads, and are near those of f32.
enum class key_value_format : std::uint8_t { f32, bf16 };

/// [rows, capacity, width] each; position p of a row lies in slot p % capacity. Kept in float32, or in bfloat16: the
/// other pair of pointers is null then.
struct key_value_cache {
    float* keys = nullptr;
    float* values = nullptr;
    std::size_t capacity = 0;  ///< positions a row, a multiple of `key_tile`
    std::size_t width = 0;     ///< key/value heads x head size
    bfloat16* narrow_keys = nullptr;
    bfloat16* narrow_values = nullptr;

    [[nodiscard]] bool is_narrow() const noexcept { return narrow_keys != nullptr; }

    [[nodiscard]] std::size_t offset(std::size_t row, std::size_t position) const noexcept {
        return (row * capacity + position % capacity) * width;
    }
    [[nodiscard]] std::span<float> key(std::size_t row, std::size_t position) const noexcept {
        return {keys + offset(row, position), width};
    }
    [[nodiscard]] std::span<float> value(std::size_t row, std::size_t position) const noexcept {
        return {values + offset(row, position), width};
    }
    /// Keeps a position; key, new_value: [width].
    void store(std::size_t row, std::size_t position, std::span<const float> new_key,
               std::span<const float> new_value) const noexcept {
        const std::size_t at = offset(row, position);
        if (is_narrow()) {
            const auto round = [](float one) { return bfloat16(one); };
            std::transform(new_key.begin(), new_key.end(), narrow_keys + at, round);
            std::transform(new_value.begin(), new_value.end(), narrow_values + at, round);
        } else {
            std::copy(new_key.begin(), new_key.end(), keys + at);
            std::copy(new_value.begin(), new_value.end(), values + at);
        }
    }
    /// Copies `count` slots of a row to the same slots of another, from that of `position` on, up to the ring's end.
    void copy(std::size_t from, std::size_t to, std::size_t position, std::size_t count) const noexcept {
        const std::size_t source = offset(from, position), target = offset(to, position);
        const auto copy_in = [&](auto* all) { std::copy_n(all + source, count * width, all + target); };
        if (is_narrow())
            copy_in(narrow_keys), copy_in(narrow_values);
        else
            copy_in(keys), copy_in(values);
    }
    /// [count, head_size]: one head's channels of positions [first, first + count) that lie in one tile.
    [[nodiscard]] const_matrix_view tile(const float* base, std::size_t row, std::size_t first, std::size_t count,
                                         std::size_t head, std::size_t head_size) const noexcept {
        return {base + offset(row, first) + head * head_size, {count, head_size}, {width, 1}};
    }
    /// The keys of such a tile, in the format in which they are kept.
    [[nodiscard]] weight_view key_tile_of(std::size_t row, std::size_t first, std::size_t count, std::size_t head,
                                          std::size_t head_size) const noexcept {
        if (!is_narrow()) return as_weights(tile(keys, row, first, count, head, head_size));
        return {number_format::bf16, count, head_size, width * sizeof(bfloat16),
                reinterpret_cast<const std::byte*>(narrow_keys + offset(row, first) + head * head_size)};
    }
    /// Calls `visit(k, values)` for the values of such a tile from its position k on: all at once, or in pieces where
    /// they have to be widened.
    template <class Visitor>
    void for_values_of(std::size_t row, std::size_t first, std::size_t count, std::size_t head, std::size_t head_size,
                       const Visitor& visit) const {
        if (!is_narrow()) return visit(std::size_t{0}, tile(values, row, first, count, head, head_size));
        float wide[most_widened];
        const std::size_t piece = positions_widened(head_size);
        for (std::size_t k = 0; k < count; k += piece) {
            const std::size_t rows = std::min(piece, count - k);
            for (std::size_t i = 0; i < rows; ++i)
                std::transform(narrow_values + offset(row, first + k + i) + head * head_size,
                               narrow_values + offset(row, first + k + i) + (head + 1) * head_size,
                               wide + i * head_size, [](bfloat16 one) { return static_cast<float>(one); });
            visit(k, const_matrix_view(wide, rows, head_size));
        }
    }

  private:
    static constexpr std::size_t most_widened = 2048;  ///< values at once, on the stack

    [[nodiscard]] static std::size_t positions_widened(std::size_t head_size) noexcept {
        expects(head_size <= most_widened, "key_value_cache: heads of at most 2048 channels in bf16");
        return most_widened / head_size;
    }
};

}  // namespace unloop::inline v0

#endif
