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

/// [rows, heads, capacity, head size] each: a head's positions are neighbours, because attention reads them in one go,
/// and memory is read fastest in order. Position p of a row lies in slot p % capacity. Kept in float32, or in bfloat16:
/// the other pair of pointers is null then.
struct key_value_cache {
    float* keys = nullptr;
    float* values = nullptr;
    std::size_t capacity = 0;  ///< positions a row, a multiple of `key_tile`
    std::size_t heads = 0;     ///< of keys and values, not of queries
    std::size_t head_size = 0;
    bfloat16* narrow_keys = nullptr;
    bfloat16* narrow_values = nullptr;

    [[nodiscard]] bool is_narrow() const noexcept { return narrow_keys != nullptr; }

    [[nodiscard]] std::size_t values_a_row() const noexcept { return heads * capacity * head_size; }
    [[nodiscard]] std::size_t offset(std::size_t row, std::size_t position, std::size_t head) const noexcept {
        return ((row * heads + head) * capacity + position % capacity) * head_size;
    }
    /// One head of a position; float32 only.
    [[nodiscard]] std::span<float> key(std::size_t row, std::size_t position, std::size_t head) const noexcept {
        return {keys + offset(row, position, head), head_size};
    }
    [[nodiscard]] std::span<float> value(std::size_t row, std::size_t position, std::size_t head) const noexcept {
        return {values + offset(row, position, head), head_size};
    }
    /// Keeps a position; key, value: [heads * head size].
    void store(std::size_t row, std::size_t position, std::span<const float> new_key,
               std::span<const float> new_value) const noexcept {
        for (std::size_t head = 0; head < heads; ++head) {
            const std::size_t at = offset(row, position, head);
            const auto keep = [&](std::span<const float> all, float* wide, bfloat16* narrow) {
                const std::span<const float> own = all.subspan(head * head_size, head_size);
                if (is_narrow())
                    std::transform(own.begin(), own.end(), narrow + at, [](float one) { return bfloat16(one); });
                else
                    std::copy(own.begin(), own.end(), wide + at);
            };
            keep(new_key, keys, narrow_keys);
            keep(new_value, values, narrow_values);
        }
    }
    /// What `store` has kept; float32 only.
    void load(std::size_t row, std::size_t position, std::span<float> kept_key,
              std::span<float> kept_value) const noexcept {
        for (std::size_t head = 0; head < heads; ++head) {
            std::ranges::copy(key(row, position, head), kept_key.subspan(head * head_size).begin());
            std::ranges::copy(value(row, position, head), kept_value.subspan(head * head_size).begin());
        }
    }
    /// Copies `count` slots of a row to the same slots of another, from that of `position` on, up to the ring's end.
    void copy(std::size_t from, std::size_t to, std::size_t position, std::size_t count) const noexcept {
        const auto copy_in = [&](auto* all) {
            for (std::size_t head = 0; head < heads; ++head)
                std::copy_n(all + offset(from, position, head), count * head_size, all + offset(to, position, head));
        };
        if (is_narrow())
            copy_in(narrow_keys), copy_in(narrow_values);
        else
            copy_in(keys), copy_in(values);
    }
    /// [count, head size]: one head of positions [first, first + count) that lie in one tile; base: keys or values.
    template <class Element>
    [[nodiscard]] view<Element, 2> tile(Element* base, std::size_t row, std::size_t first, std::size_t count,
                                        std::size_t head) const noexcept {
        return {base + offset(row, first, head), count, head_size};
    }
    /// The keys of such a tile, in the format in which they are kept.
    [[nodiscard]] weight_view key_tile_of(std::size_t row, std::size_t first, std::size_t count,
                                          std::size_t head) const noexcept {
        if (!is_narrow()) return as_weights(tile(keys, row, first, count, head));
        return {number_format::bf16, count, head_size, head_size * sizeof(bfloat16),
                reinterpret_cast<const std::byte*>(narrow_keys + offset(row, first, head))};
    }
    /// Calls `visit(k, values)` for the values of such a tile from its position k on: all at once, or in pieces where
    /// they have to be widened.
    template <class Visitor>
    void for_values_of(std::size_t row, std::size_t first, std::size_t count, std::size_t head,
                       const Visitor& visit) const {
        if (!is_narrow()) return visit(std::size_t{0}, const_matrix_view(tile(values, row, first, count, head)));
        float wide[most_widened];
        const std::size_t piece = positions_widened();
        for (std::size_t k = 0; k < count; k += piece) {
            const std::size_t rows = std::min(piece, count - k);
            const bfloat16* const narrow = narrow_values + offset(row, first + k, head);
            std::transform(narrow, narrow + rows * head_size, wide,
                           [](bfloat16 one) { return static_cast<float>(one); });
            visit(k, const_matrix_view(wide, rows, head_size));
        }
    }

  private:
    static constexpr std::size_t most_widened = 2048;  ///< values at once, on the stack

    [[nodiscard]] std::size_t positions_widened() const noexcept {
        expects(head_size <= most_widened, "key_value_cache: heads of at most 2048 channels in bf16");
        return most_widened / head_size;
    }
};

}  // namespace unloop::inline v0

#endif
