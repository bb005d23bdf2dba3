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

inline constexpr std::size_t panel_columns = 576;  // floats of a row of the panel, which stays in the first cache
inline constexpr std::size_t panel_batch = 64;     // rows of x that one panel serves, in the second cache

/// Columns of each panel: equal parts of whole units.
[[nodiscard]] constexpr std::size_t columns_a_panel(std::size_t columns) noexcept {
    constexpr std::size_t unit = 32;
    const std::size_t panels = (columns + panel_columns - 1) / panel_columns;
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
                               std::size_t columns, float* memory) {
    for (std::size_t r = 0; r < rows; ++r)
        widen_row<Format>(weights.row(first + r), column, columns, memory + r * panel_columns);
    return {memory, panel_columns};
}

/// float32 rows are multiplied where they lie.
HWY_INLINE panel_view panel_of(typed_weights<f32> weights, std::size_t first, std::size_t /*rows*/, std::size_t column,
                               std::size_t /*columns*/, float* /*memory*/) {
    return {reinterpret_cast<const float*>(weights.row(first)) + column, weights.row_stride / sizeof(float)};
}

/// `rows` <= panel_rows rows from `first` against x: [batch <= panel_batch, columns].
template <class Format>
void matmul_rows(typed_weights<Format> weights, std::size_t first, std::size_t rows, const_matrix_view x,
                 matrix_view out) {
    HWY_ALIGN float memory[panel_rows * panel_columns];
    HWY_ALIGN float sums[panel_batch * panel_rows * lane_count];
    const std::size_t batch = x.rows(), width = columns_a_panel(weights.columns);
    for (std::size_t k = 0; k < weights.columns; k += width) {
        const std::size_t columns = std::min(width, weights.columns - k);
        const panel_view panel = panel_of(weights, first, rows, k, columns, memory);
        const panel_step step{k == 0, k + columns == weights.columns};
        // Rows go on with the next columns, or else the next rows begin.
        const std::size_t next_row = step.end ? first + panel_rows : first, next = step.end ? 0 : k + width;
        const coming_rows coming(weights.row(next_row) + bytes_before<Format>(next), rows, weights.row_stride,
                                 bytes_before<Format>(columns), batch / tile_batch * (rows / tile_rows));
        panel_product{{panel.data, {rows, columns}, {panel.row_stride, 1}},
                      {x.data() + k, {batch, columns}, {x.stride(0), 1}},
                      {out.data() + first, {batch, rows}, {out.stride(0), 1}},
                      step,
                      sums,
                      coming}
            .multiply();
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
        for (std::size_t r = 0; r < weights.rows; r += panel_rows)
            matmul_rows(weights, r, std::min(panel_rows, weights.rows - r), x.rows(b, batch),
                        matrix_view(out[b].data(), {batch, weights.rows}, {out.stride(0), 1}));
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
