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

/// Where the first positions of a row are kept: in another row, which has the same.
struct row_prefix {
    std::size_t row = 0;
    std::size_t positions = 0;  ///< 0: the row keeps all of its positions itself
};

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
    const row_prefix* prefixes = nullptr;  ///< by row; null: no row reads another's

    /// Positions of a row from one on, as far as one row keeps them.
    struct piece {
        std::size_t row, count;
    };
    [[nodiscard]] piece piece_of(std::size_t row, std::size_t first, std::size_t count) const noexcept {
        for (; prefixes != nullptr && first < prefixes[row].positions; row = prefixes[row].row)
            count = std::min(count, prefixes[row].positions - first);
        return {row, count};
    }

    [[nodiscard]] bool is_narrow() const noexcept { return narrow_keys != nullptr; }

    [[nodiscard]] std::size_t values_a_row() const noexcept { return heads * capacity * head_size; }
    [[nodiscard]] std::size_t offset(std::size_t row, std::size_t position, std::size_t head) const noexcept {
        return ((piece_of(row, position, 1).row * heads + head) * capacity + position % capacity) * head_size;
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
        const auto copy_in = [&](auto* all, std::size_t first, std::size_t many) {
            for (std::size_t head = 0; head < heads; ++head)
                std::copy_n(all + offset(from, first, head), many * head_size, all + offset(to, first, head));
        };
        for_each_piece(from, position, count, [&](std::size_t k, std::size_t many) {
            if (is_narrow())
                copy_in(narrow_keys, position + k, many), copy_in(narrow_values, position + k, many);
            else
                copy_in(keys, position + k, many), copy_in(values, position + k, many);
        });
    }
    /// [count, head size]: one head of positions [first, first + count) that lie in one tile and one row; base: keys or
    /// values.
    template <class Element>
    [[nodiscard]] view<Element, 2> tile(Element* base, std::size_t row, std::size_t first, std::size_t count,
                                        std::size_t head) const noexcept {
        expects(piece_of(row, first, count).count == count, "key_value_cache: these positions lie in several rows");
        return {base + offset(row, first, head), count, head_size};
    }
    /// Calls `visit(k, keys)` for the keys of such a tile from its position k on, in the format in which they are kept:
    /// all at once, or in pieces where other rows keep some.
    template <class Visitor>
    void for_keys_of(std::size_t row, std::size_t first, std::size_t count, std::size_t head,
                     const Visitor& visit) const {
        for_each_piece(row, first, count, [&](std::size_t k, std::size_t many) {
            visit(k, is_narrow()
                         ? weight_view{number_format::bf16, many, head_size, head_size * sizeof(bfloat16),
                                       reinterpret_cast<const std::byte*>(narrow_keys + offset(row, first + k, head))}
                         : as_weights(tile(keys, row, first + k, many, head)));
        });
    }
    /// The same for values, and in smaller pieces where they have to be widened.
    template <class Visitor>
    void for_values_of(std::size_t row, std::size_t first, std::size_t count, std::size_t head,
                       const Visitor& visit) const {
        for_each_piece(row, first, count, [&](std::size_t begin, std::size_t many) {
            if (!is_narrow()) return visit(begin, const_matrix_view(tile(values, row, first + begin, many, head)));
            float wide[most_widened];
            const std::size_t most = positions_widened();
            for (std::size_t k = begin; k < begin + many; k += most) {
                const std::size_t rows = std::min(most, begin + many - k);
                const bfloat16* const narrow = narrow_values + offset(row, first + k, head);
                std::transform(narrow, narrow + rows * head_size, wide,
                               [](bfloat16 one) { return static_cast<float>(one); });
                visit(k, const_matrix_view(wide, rows, head_size));
            }
        });
    }

  private:
    static constexpr std::size_t most_widened = 2048;  ///< values at once, on the stack

    /// Calls `visit(k, many)` for pieces [first + k, first + k + many).
    template <class Visitor>
    void for_each_piece(std::size_t row, std::size_t first, std::size_t count, const Visitor& visit) const {
        for (std::size_t k = 0; k < count;) {
            const std::size_t many = piece_of(row, first + k, count - k).count;
            visit(k, many);
            k += many;
        }
    }
    [[nodiscard]] std::size_t positions_widened() const noexcept {
        expects(head_size <= most_widened, "key_value_cache: heads of at most 2048 channels in bf16");
        return most_widened / head_size;
    }
};

}  // namespace unloop::inline v0

#endif
