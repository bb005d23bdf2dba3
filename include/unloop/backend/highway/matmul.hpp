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

#include <unloop/backend/highway/dot.hpp>
#include <unloop/tensor/view.hpp>

#include <algorithm>  // min

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

// A tile holds rows x batch sums: 16 of the 32 registers of AVX-512, 12 of the 16 of AVX2, whose sums take two each.
inline constexpr std::size_t tile_rows = vectors_a_step == 1 ? 4 : 3;
inline constexpr std::size_t tile_batch = vectors_a_step == 1 ? 4 : 2;
inline constexpr std::size_t panel_columns = 2048;  // floats of one widened row: a panel stays in the first two caches
inline constexpr std::size_t panel_batch = 64;      // rows of x that one panel serves

/// Sums of one tile between two panels of columns, [row][batch][lane].
struct tile_sums {
    float* lanes;
    std::size_t row_stride;
    bool begin;  ///< first panel: sums start at zero
    bool end;    ///< last panel: sums are folded into `out`
};

/// `Rows` widened rows against `Batch` rows of x over `columns` columns. The order of every sum is that of `dot`.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void multiply_tile(const float* rows, std::size_t row_stride, const float* x, std::size_t x_stride,
                              std::size_t columns, const tile_sums& state, float* out, std::size_t out_stride) {
    step_values sums[Rows][Batch];
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b)
            sums[r][b] = state.begin ? zero_step() : load_step(state.lanes + r * state.row_stride + b * lane_count);
    std::size_t k = 0;
    for (; k + lane_count <= columns; k += lane_count)
        for (std::size_t v = 0; v < vectors_a_step; ++v) {
            lane_vector weights[Rows];
            for (std::size_t r = 0; r < Rows; ++r)
                weights[r] = hn::LoadU(lane_tag(), rows + r * row_stride + k + v * vector_lanes);
            for (std::size_t b = 0; b < Batch; ++b) {
                const lane_vector input = hn::LoadU(lane_tag(), x + b * x_stride + k + v * vector_lanes);
                for (std::size_t r = 0; r < Rows; ++r)
                    sums[r][b].part[v] = hn::MulAdd(weights[r], input, sums[r][b].part[v]);
            }
        }
    if (k < columns)
        for (std::size_t b = 0; b < Batch; ++b) {
            const step_values input = load_step_tail(x + b * x_stride + k, columns - k);
            for (std::size_t r = 0; r < Rows; ++r)
                multiply_add(load_step_tail(rows + r * row_stride + k, columns - k), input, sums[r][b]);
        }
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b)
            if (state.end)
                out[b * out_stride + r] = sum_lanes(sums[r][b]);
            else
                store_step(sums[r][b], state.lanes + r * state.row_stride + b * lane_count);
}

template <std::size_t Rows>
HWY_INLINE void multiply_panel(const float* rows, std::size_t row_stride, const float* x, std::size_t x_stride,
                               std::size_t batch, std::size_t columns, const tile_sums& state, float* out,
                               std::size_t out_stride) {
    std::size_t b = 0;
    const auto at = [&](std::size_t first) HWY_ATTR {
        return tile_sums{state.lanes + first * lane_count, state.row_stride, state.begin, state.end};
    };
    for (; b + tile_batch <= batch; b += tile_batch)
        multiply_tile<Rows, tile_batch>(rows, row_stride, x + b * x_stride, x_stride, columns, at(b),
                                        out + b * out_stride, out_stride);
    for (; b < batch; ++b)
        multiply_tile<Rows, 1>(rows, row_stride, x + b * x_stride, x_stride, columns, at(b), out + b * out_stride,
                               out_stride);
}

/// Widens columns [first, first + count) of one row; `first` is a multiple of the unit.
template <class Format>
HWY_INLINE void widen_row(const std::byte* row, std::size_t first, std::size_t count, float* out) {
    const std::byte* unit = row + first / unit_values<Format> * unit_bytes<Format>;
    std::size_t k = 0;
    for (; k + unit_values<Format> <= count; k += unit_values<Format>, unit += unit_bytes<Format>) {
        step_values values[steps_a_unit<Format>];
        prefetch_ahead(unit);
        widen(Format(), unit, values);
        for (std::size_t s = 0; s < steps_a_unit<Format>; ++s) store_step(values[s], out + k + s * lane_count);
    }
    if (k < count) store_step(widen_tail(Format(), unit, count - k), out + k);
}

/// `Rows` rows from `first` against all of x.
template <std::size_t Rows, class Format>
void matmul_rows(typed_weights<Format> weights, std::size_t first, const_matrix_view x, matrix_view out) {
    HWY_ALIGN float panel[Rows * panel_columns];
    HWY_ALIGN float lanes[Rows * panel_batch * lane_count];
    for (std::size_t b = 0; b < x.rows(); b += panel_batch) {
        const std::size_t batch = std::min(panel_batch, x.rows() - b);
        for (std::size_t k = 0; k < weights.columns; k += panel_columns) {
            const std::size_t columns = std::min(panel_columns, weights.columns - k);
            for (std::size_t r = 0; r < Rows; ++r)
                widen_row<Format>(weights.row(first + r), k, columns, panel + r * panel_columns);
            const tile_sums state{lanes, panel_batch * lane_count, k == 0, k + columns == weights.columns};
            multiply_panel<Rows>(panel, panel_columns, x[b].data() + k, x.stride(0), batch, columns, state,
                                 out[b].data() + first, out.stride(0));
        }
    }
}

/// float32 rows are multiplied where they lie.
template <std::size_t Rows>
void matmul_rows(typed_weights<f32> weights, std::size_t first, const_matrix_view x, matrix_view out) {
    multiply_panel<Rows>(reinterpret_cast<const float*>(weights.row(first)), weights.row_stride / sizeof(float),
                         x.data(), x.stride(0), x.rows(), weights.columns, tile_sums{nullptr, 0, true, true},
                         out.data() + first, out.stride(0));
}

/// From this batch on widening a panel first is cheaper than widening in registers for each row of x.
inline constexpr std::size_t smallest_panel_batch = 3;

template <class Format>
void matmul(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    if (x.rows() < smallest_panel_batch || weights.columns == 0) {
        for (std::size_t b = 0; b < x.rows(); ++b) matvec(weights, x[b].data(), out[b].data());
        return;
    }
    std::size_t r = 0;
    for (; r + tile_rows <= weights.rows; r += tile_rows) matmul_rows<tile_rows>(weights, r, x, out);
    for (; r < weights.rows; ++r) matmul_rows<1>(weights, r, x, out);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
