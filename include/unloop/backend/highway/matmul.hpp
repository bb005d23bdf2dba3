// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matmul with Highway: a panel of rows is widened once, then multiplied in register tiles.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_MATMUL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_MATMUL_HPP
#undef UNLOOP_BACKEND_HIGHWAY_MATMUL_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_MATMUL_HPP
#endif

#include <unloop/backend/highway/matvec.hpp>
#include <unloop/backend/highway/tile.hpp>
#include <unloop/tensor/view.hpp>

#include <algorithm>  // fill, min

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

inline constexpr std::size_t panel_batch = 64;  // rows of x that one panel serves, in the second cache

/// A panel stays in the first cache, beside the rows of x that a tile reads.
struct panel_shape {
    std::size_t rows, columns;
    [[nodiscard]] constexpr std::size_t size() const noexcept { return rows * columns; }
};
inline constexpr panel_shape high_panel{panel_rows, 576}, long_panel{tile_rows, 768};
inline constexpr std::size_t panel_size = high_panel.size() > long_panel.size() ? high_panel.size() : long_panel.size();

/// Whether x is half of a second cache of 512 KiB at most.
[[nodiscard]] constexpr bool is_near(std::size_t batch, std::size_t columns) noexcept {
    return batch * columns <= 65'536;
}

/// Panels that are long need not put their sums aside as often, and those that are high read x less often: the better
/// choice where it is far.
[[nodiscard]] constexpr panel_shape panel_for(std::size_t batch, std::size_t columns) noexcept {
    return columns > high_panel.columns && is_near(batch, columns) ? long_panel : high_panel;
}

/// Columns of each panel, at most `most`: equal parts of whole units.
[[nodiscard]] constexpr std::size_t columns_a_panel(std::size_t columns, std::size_t most) noexcept {
    constexpr std::size_t unit = 32;
    const std::size_t panels = (columns + most - 1) / most;
    return panels == 0 ? unit : ((columns + panels - 1) / panels + unit - 1) / unit * unit;
}

/// Bytes of a row before column `column`, a multiple of the unit.
template <class Format>
[[nodiscard]] constexpr std::size_t bytes_before(std::size_t column) noexcept {
    return column / unit_values<Format> * unit_bytes<Format>;
}

/// Widens columns [first, first + count) of one row; `first` is a multiple of the unit.
template <class Format>
HWY_INLINE void widen_row(const std::byte* row, std::size_t first, std::size_t count, float* out) {
    const std::byte* unit = row + bytes_before<Format>(first);
    std::size_t k = 0;
    for (; k + unit_values<Format> <= count; k += unit_values<Format>, unit += unit_bytes<Format>) {
        step_values values[steps_a_unit<Format>];
        widen(Format(), unit, values);
        for (std::size_t s = 0; s < steps_a_unit<Format>; ++s) store_step(values[s], out + k + s * lane_count);
    }
    if (k < count) store_step(widen_tail(Format(), unit, count - k), out + k);
}

/// Rows [first, first + rows) of the weights, columns [column, column + columns), as float32.
struct panel_view {
    const float* data;
    std::size_t row_stride;
};

template <class Format>
HWY_INLINE panel_view panel_of(typed_weights<Format> weights, std::size_t first, std::size_t rows, std::size_t column,
                               std::size_t columns, float* memory, std::size_t row_stride) {
    for (std::size_t r = 0; r < rows; ++r)
        widen_row<Format>(weights.row(first + r), column, columns, memory + r * row_stride);
    return {memory, row_stride};
}

/// float32 rows are multiplied where they lie, unless they lie parts of a float apart.
HWY_INLINE panel_view panel_of(typed_weights<f32> weights, std::size_t first, std::size_t rows, std::size_t column,
                               std::size_t columns, float* memory, std::size_t row_stride) {
    if (weights.row_stride % sizeof(float) != 0) {
        for (std::size_t r = 0; r < rows; ++r)
            widen_row<f32>(weights.row(first + r), column, columns, memory + r * row_stride);
        return {memory, row_stride};
    }
    return {reinterpret_cast<const float*>(weights.row(first)) + column, weights.row_stride / sizeof(float)};
}

/// How many panels, one below the other, take turns with the same columns of x: where x is more than the second cache
/// holds, that part of it is.
inline constexpr std::size_t most_panels = 4;

/// Rows [first, last), at most `most_panels` panels, against x: [batch <= panel_batch, columns]. Takes 150 KiB of
/// stack.
template <class Format>
void matmul_rows(typed_weights<Format> weights, std::size_t first, std::size_t last, panel_shape shape,
                 const_matrix_view x, matrix_view out) {
    HWY_ALIGN float memory[panel_size];
    HWY_ALIGN float sums[most_panels][panel_batch * panel_rows * lane_count];
    const std::size_t batch = x.rows(), width = columns_a_panel(weights.columns, shape.columns);
    for (std::size_t k = 0; k < weights.columns; k += width) {
        const std::size_t columns = std::min(width, weights.columns - k);
        const panel_step step{k == 0, k + columns == weights.columns};
        for (std::size_t r = first; r < last; r += shape.rows) {
            const std::size_t rows = std::min(shape.rows, last - r);
            const panel_view panel = panel_of(weights, r, rows, k, columns, memory, shape.columns);
            // The rows below come next; behind the last of them the next columns of the first, or else what follows.
            std::size_t next_row = r + shape.rows, next_column = k;
            if (next_row >= last) next_column = step.end ? 0 : k + width, next_row = step.end ? next_row : first;
            const coming_rows coming(weights.row(next_row) + bytes_before<Format>(next_column), rows,
                                     weights.row_stride, bytes_before<Format>(columns),
                                     batch / tile_batch * (rows / tile_rows));
            panel_product{{panel.data, {rows, columns}, {panel.row_stride, 1}},
                          {x.data() + k, {batch, columns}, {x.stride(0), 1}},
                          {out.data() + r, {batch, rows}, {out.stride(0), 1}},
                          step,
                          sums[(r - first) / shape.rows],
                          coming}
                .multiply();
        }
    }
}

/// Rows of x go in groups that stay in the second cache while all rows of the weights pass by.
template <class Format>
void matmul(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    if (x.rows() <= most_in_registers) return multiply_in_registers(weights, x, out);
    if (weights.columns == 0)
        for (std::size_t b = 0; b < x.rows(); ++b) std::fill(out[b].begin(), out[b].end(), 0.0F);
    for (std::size_t b = 0; b < x.rows(); b += panel_batch) {
        const std::size_t batch = std::min(panel_batch, x.rows() - b);
        const panel_shape shape = panel_for(batch, weights.columns);
        const std::size_t rows = shape.rows * (is_near(batch, weights.columns) ? 1 : most_panels);
        for (std::size_t r = 0; r < weights.rows; r += rows)
            matmul_rows(weights, r, std::min(r + rows, weights.rows), shape, x.rows(b, batch),
                        matrix_view(out[b].data(), {batch, weights.rows}, {out.stride(0), 1}));
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
