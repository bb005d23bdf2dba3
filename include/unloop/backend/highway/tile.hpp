// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Register tiles: a panel of float32 rows against rows of x, every sum in the order of `dot`.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_TILE_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_TILE_HPP
#undef UNLOOP_BACKEND_HIGHWAY_TILE_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_TILE_HPP
#endif

#include <unloop/backend/highway/fold.hpp>
#include <unloop/backend/highway/prefetch.hpp>
#include <unloop/tensor/view.hpp>

#include <type_traits>  // integral_constant

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

// A tile holds rows x batch sums of one vector each; where sixteen lanes take several vectors, the tile is gone over
// once for each. 16 sums of the 32 registers of AVX-512, 12 of the 16 of AVX2.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
inline constexpr std::size_t tile_rows = 3;
#else
inline constexpr std::size_t tile_rows = 4;
#endif
inline constexpr std::size_t tile_batch = 4;
inline constexpr std::size_t panel_rows = 12;  // whole tiles of either kind

/// Where a panel stands in the row: sums begin at zero, or go on; they are folded at the end.
struct panel_step {
    bool begin;
    bool end;
};

/// `Rows` rows against `Batch` rows of x over `columns` columns; sums: [batch][panel_rows][lane].
template <std::size_t Rows, std::size_t Batch>
void multiply_tile(const float* rows, std::size_t row_stride, const float* x, std::size_t x_stride, std::size_t columns,
                   bool begin, float* sums) {
    constexpr std::size_t batch_stride = panel_rows * lane_count;
    const std::size_t whole = columns / lane_count * lane_count, rest = columns - whole;
    for (std::size_t v = 0; v < vectors_a_step; ++v) {
        const std::size_t lane = v * vector_lanes;
        lane_vector tile[Batch][Rows];
        for (std::size_t b = 0; b < Batch; ++b)
            for (std::size_t r = 0; r < Rows; ++r)
                tile[b][r] = begin ? hn::Zero(lane_tag())
                                   : hn::LoadU(lane_tag(), sums + b * batch_stride + r * lane_count + lane);
        for (std::size_t k = lane; k < whole; k += lane_count) {
            lane_vector weights[Rows];
            for (std::size_t r = 0; r < Rows; ++r) weights[r] = load_once(rows + r * row_stride + k);
            for (std::size_t b = 0; b < Batch; ++b) {
                const lane_vector input = load_once(x + b * x_stride + k);
                for (std::size_t r = 0; r < Rows; ++r) tile[b][r] = hn::MulAdd(weights[r], input, tile[b][r]);
            }
        }
        if (rest > 0)
            for (std::size_t b = 0; b < Batch; ++b)
                for (std::size_t r = 0; r < Rows; ++r)
                    tile[b][r] = hn::MulAdd(load_step_tail(rows + r * row_stride + whole, rest).part[v],
                                            load_step_tail(x + b * x_stride + whole, rest).part[v], tile[b][r]);
        for (std::size_t b = 0; b < Batch; ++b)
            for (std::size_t r = 0; r < Rows; ++r)
                hn::StoreU(tile[b][r], lane_tag(), sums + b * batch_stride + r * lane_count + lane);
    }
}

/// out[b][r] = the folded sums of [batch][panel_rows].
inline void fold_panel(const float* sums, std::size_t rows, std::size_t batch, float* out, std::size_t out_stride) {
    constexpr std::size_t fold_batch = fold_count / 4;
    const auto sums_of = [&](std::size_t b, std::size_t r)
                             HWY_ATTR { return load_step(sums + (b * panel_rows + r) * lane_count); };
    std::size_t b = 0;
    for (; b + fold_batch <= batch; b += fold_batch) {
        std::size_t r = 0;
        for (; r + 4 <= rows; r += 4) {
            step_values block[fold_count];
            for (std::size_t i = 0; i < fold_count; ++i) block[i] = sums_of(b + i / 4, r + i % 4);
            HWY_ALIGN float folded[fold_count];
            fold_block(block, folded);
            for (std::size_t i = 0; i < fold_batch; ++i)
                std::memcpy(out + (b + i) * out_stride + r, folded + 4 * i, 4 * sizeof(float));
        }
        for (; r < rows; ++r)
            for (std::size_t i = b; i < b + fold_batch; ++i) out[i * out_stride + r] = sum_lanes(sums_of(i, r));
    }
    for (; b < batch; ++b)
        for (std::size_t r = 0; r < rows; ++r) out[b * out_stride + r] = sum_lanes(sums_of(b, r));
}

/// `Batch` rows of x against all rows of the panel.
template <std::size_t Batch>
void multiply_strip(const_matrix_view panel, const float* x, std::size_t x_stride, bool begin, coming_rows& coming,
                    float* sums) {
    std::size_t r = 0;
    for (; r + tile_rows <= panel.rows(); r += tile_rows) {
        coming.prefetch_part();
        multiply_tile<tile_rows, Batch>(panel[r].data(), panel.stride(0), x, x_stride, panel.columns(), begin,
                                        sums + r * lane_count);
    }
    for (; r < panel.rows(); ++r)
        multiply_tile<1, Batch>(panel[r].data(), panel.stride(0), x, x_stride, panel.columns(), begin,
                                sums + r * lane_count);
}

/// panel: [rows <= panel_rows, columns], x: [batch, columns], out: [batch, rows]; sums: [batch][panel_rows][lane] keep
/// what is between two panels of columns.
inline void multiply_panel(const_matrix_view panel, const_matrix_view x, panel_step step, coming_rows coming,
                           float* sums, matrix_view out) {
    std::size_t b = 0;
    const auto strip = [&](auto batch) HWY_ATTR {
        float* const own = sums + b * panel_rows * lane_count;
        multiply_strip<batch()>(panel, x[b].data(), x.stride(0), step.begin, coming, own);
        if (step.end) fold_panel(own, panel.rows(), batch(), out[b].data(), out.stride(0));
        b += batch();
    };
    while (b + tile_batch <= x.rows()) strip(std::integral_constant<std::size_t, tile_batch>());
    while (b < x.rows()) strip(std::integral_constant<std::size_t, 1>());
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
