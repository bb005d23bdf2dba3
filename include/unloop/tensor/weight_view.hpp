// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A weight matrix as it lies in memory: rows of numbers in a format that is known at run time.
#ifndef UNLOOP_TENSOR_WEIGHT_VIEW_HPP
#define UNLOOP_TENSOR_WEIGHT_VIEW_HPP

#include <unloop/core/expects.hpp>
#include <unloop/tensor/format.hpp>
#include <unloop/tensor/view.hpp>

#include <cstddef>      // byte
#include <span>         // bytes of a row
#include <type_traits>  // is_const_v

namespace unloop::inline v0 {

/// [rows, columns]; a row holds whole blocks and needs no alignment. `Byte` is `const std::byte` or `std::byte`.
template <class Byte>
struct basic_weight_view {
    number_format format = number_format::f32;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t row_stride = 0;  ///< bytes from one row to the next
    Byte* data = nullptr;

    [[nodiscard]] constexpr bool empty() const noexcept { return rows == 0 || columns == 0; }
    [[nodiscard]] constexpr std::size_t row_bytes() const { return bytes_of(format, columns); }
    [[nodiscard]] constexpr std::span<Byte> row(std::size_t i) const { return {data + i * row_stride, row_bytes()}; }
    /// Rows [first, first + count).
    [[nodiscard]] constexpr basic_weight_view slice(std::size_t first, std::size_t count) const noexcept {
        return {format, count, columns, row_stride, data + first * row_stride};
    }
    /// Columns [first, first + count) of every row; both are multiples of the format's block.
    [[nodiscard]] constexpr basic_weight_view column_slice(std::size_t first, std::size_t count) const {
        return {format, rows, count, row_stride, data + bytes_of(format, first)};
    }
    constexpr operator basic_weight_view<const std::byte>() const noexcept
        requires(!std::is_const_v<Byte>)
    {
        return {format, rows, columns, row_stride, data};
    }
};

using weight_view = basic_weight_view<const std::byte>;
using mutable_weight_view = basic_weight_view<std::byte>;

/// The same with the format as a type: what a kernel sees, inside one `visit_format`.
template <class Format>
struct typed_weights {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t row_stride = 0;
    const std::byte* data = nullptr;

    [[nodiscard]] constexpr const std::byte* row(std::size_t i) const noexcept { return data + i * row_stride; }
};

template <class Format>
[[nodiscard]] constexpr typed_weights<Format> typed(const weight_view& weights) noexcept {
    return {weights.rows, weights.columns, weights.row_stride, weights.data};
}

/// A float matrix as weights; nothing is copied.
[[nodiscard]] inline weight_view as_weights(const_matrix_view matrix) noexcept {
    return {number_format::f32, matrix.rows(), matrix.columns(), matrix.stride(0) * sizeof(float),
            reinterpret_cast<const std::byte*>(matrix.data())};
}

/// Widens row `i` into `out` [columns].
inline void decode_row(const weight_view& weights, std::size_t i, std::span<float> out) {
    expects(i < weights.rows && out.size() == weights.columns, "decode_row: out holds one row");
    visit_format(weights.format, [&](auto format) {
        const std::byte* block = weights.data + i * weights.row_stride;
        for (std::size_t k = 0; k < weights.columns; k += format.block_values, block += format.block_bytes)
            format.decode(block, out.data() + k);
    });
}

/// out[k] += factor * the value of row `i` at k; out: [columns].
inline void add_decoded_row(const weight_view& weights, std::size_t i, float factor, std::span<float> out) {
    expects(i < weights.rows && out.size() == weights.columns, "add_decoded_row: out holds one row");
    visit_format(weights.format, [&](auto format) {
        float values[format.block_values];
        const std::byte* block = weights.data + i * weights.row_stride;
        for (std::size_t k = 0; k < weights.columns; k += format.block_values, block += format.block_bytes) {
            format.decode(block, values);
            for (std::size_t v = 0; v < format.block_values; ++v) out[k + v] += factor * values[v];
        }
    });
}

}  // namespace unloop::inline v0

#endif
