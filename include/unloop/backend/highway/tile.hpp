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
// once for each. With the vectors that are read it fills the 16 registers of AVX2, and those of AVX-512 by half.
inline constexpr std::size_t tile_rows = 4;
inline constexpr std::size_t tile_batch =
    HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3 ? 3 : 4;
inline constexpr std::size_t panel_rows = 8;  // at most; whole tiles

/// Where a panel stands in the row: sums begin at zero, or go on; they are folded at the end.
struct panel_step {
    bool begin;
    bool end;
};

/// Rows of a panel and of x, both from the panel's first column on.
struct tile_input {
    const float *rows, *x;
    std::size_t row_stride, x_stride, columns;
};

/// Where the sixteen sums of row `r` of the panel with row `b` of x begin in [batch][panel_rows][lane].
[[nodiscard]] constexpr std::size_t sums_of(std::size_t b, std::size_t r) noexcept {
    return (b * panel_rows + r) * lane_count;
}

/// Adds the products of vector `v` of every whole step to the tile.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void add_products(const tile_input& in, std::size_t v, lane_vector (&tile)[Batch][Rows]) {
    const std::size_t end = in.columns / lane_count * lane_count;
    for (std::size_t k = v * vector_lanes; k < end; k += lane_count) {
        lane_vector inputs[Batch];  // fewer than rows: the tile leaves room for these and one more
        for (std::size_t b = 0; b < Batch; ++b) inputs[b] = load_once(in.x + b * in.x_stride + k);
        for (std::size_t r = 0; r < Rows; ++r) {
            const lane_vector weights = load_once(in.rows + r * in.row_stride + k);
            for (std::size_t b = 0; b < Batch; ++b) tile[b][r] = hn::MulAdd(weights, inputs[b], tile[b][r]);
        }
    }
}

/// The same for the columns behind the last whole step, in memory: rows that end so are rare.
template <std::size_t Rows, std::size_t Batch>
HWY_NOINLINE void add_tail_products(const tile_input& in, float* sums) {
    const std::size_t whole = in.columns / lane_count * lane_count, rest = in.columns - whole;
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t r = 0; r < Rows; ++r) {
            float* const own = sums + sums_of(b, r);
            step_values sum = load_step(own);
            multiply_add(load_step_tail(in.rows + r * in.row_stride + whole, rest),
                         load_step_tail(in.x + b * in.x_stride + whole, rest), sum);
            store_step(sum, own);
        }
}

/// The tile from vector `v` of the sums in memory.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void load_tile(const float* sums, std::size_t v, lane_vector (&tile)[Batch][Rows]) {
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t r = 0; r < Rows; ++r)
            tile[b][r] = hn::LoadU(lane_tag(), sums + sums_of(b, r) + v * vector_lanes);
}

/// The tile as vector `v` of the sums in memory.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void store_tile(const lane_vector (&tile)[Batch][Rows], std::size_t v, float* sums) {
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t r = 0; r < Rows; ++r)
            hn::StoreU(tile[b][r], lane_tag(), sums + sums_of(b, r) + v * vector_lanes);
}

/// out[b][r] = the sum of the sixteen lanes, whose last vector is in the tile and whose others are in `sums`.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void fold_tile(const lane_vector (&tile)[Batch][Rows], const float* sums, float* out,
                          std::size_t out_stride) {
    constexpr std::size_t last = vectors_a_step - 1, fold_batch = fold_count / tile_rows;
    const auto sum_of = [&](std::size_t b, std::size_t r) HWY_ATTR {
        step_values sum;
        for (std::size_t v = 0; v < last; ++v)
            sum.part[v] = hn::LoadU(lane_tag(), sums + sums_of(b, r) + v * vector_lanes);
        sum.part[last] = tile[b][r];
        return sum;
    };
    std::size_t b = 0;
    if constexpr (Rows == tile_rows)
        for (; b + fold_batch <= Batch; b += fold_batch) {
            step_values block[fold_count];
            for (std::size_t i = 0; i < fold_count; ++i) block[i] = sum_of(b + i / Rows, i % Rows);
            HWY_ALIGN float folded[fold_count];
            fold_block(block, folded);
            for (std::size_t i = 0; i < fold_batch; ++i)
                std::memcpy(out + (b + i) * out_stride, folded + i * Rows, Rows * sizeof(float));
        }
    for (; b < Batch; ++b)
        for (std::size_t r = 0; r < Rows; ++r) out[b * out_stride + r] = sum_lanes(sum_of(b, r));
}

/// `Rows` rows against `Batch` rows of x; sums: [batch][panel_rows][lane] keep what is between two vectors of a step
/// and between two panels of columns, out: [batch][rows] is written at the end.
/// Not inlined: beside other tiles GCC runs out of registers, and halves the speed.
template <std::size_t Rows, std::size_t Batch>
HWY_NOINLINE void multiply_tile(const tile_input& in, panel_step step, float* sums, float* out,
                                std::size_t out_stride) {
    constexpr std::size_t last = vectors_a_step - 1;
    lane_vector tile[Batch][Rows];
    const auto multiply = [&](std::size_t v) HWY_ATTR {
        if (step.begin)
            for (auto& row : tile)
                for (lane_vector& sum : row) sum = hn::Zero(lane_tag());
        else
            load_tile(sums, v, tile);
        add_products(in, v, tile);
    };
    for (std::size_t v = 0; v < last; ++v) {
        multiply(v);
        store_tile(tile, v, sums);
    }
    multiply(last);
    if (in.columns % lane_count != 0) {
        store_tile(tile, last, sums);
        add_tail_products<Rows, Batch>(in, sums);
        load_tile(sums, last, tile);
    }
    if (step.end)
        fold_tile(tile, sums, out, out_stride);
    else
        store_tile(tile, last, sums);
}

/// panel: [rows <= panel_rows, columns], x: [batch, columns], out: [batch, rows]; sums: [batch][panel_rows][lane].
struct panel_product {
    const_matrix_view panel, x;
    matrix_view out;
    panel_step step;
    float* sums;
    coming_rows coming;

    /// Rows [b, b + Batch) of x against the whole panel.
    template <std::size_t Batch>
    HWY_INLINE void multiply_strip(std::size_t b) {
        // Sums that no other panel goes on with need no place of their own, and leave the first cache to the panel.
        float* const own = step.begin && step.end ? sums : sums + sums_of(b, 0);
        std::size_t r = 0;
        const auto tile = [&](auto rows) HWY_ATTR {
            const tile_input in{panel[r].data(), x[b].data(), panel.stride(0), x.stride(0), panel.columns()};
            multiply_tile<rows(), Batch>(in, step, own + sums_of(0, r), out[b].data() + r, out.stride(0));
            r += rows();
        };
        while (r + tile_rows <= panel.rows()) {
            coming.prefetch_part();
            tile(std::integral_constant<std::size_t, tile_rows>());
        }
        while (r < panel.rows()) tile(std::integral_constant<std::size_t, 1>());
    }

    /// Strips as equal as they can be: a tile with few rows of x waits for its sums.
    void multiply() {
        const std::size_t batch = x.rows(), strips = (batch + tile_batch - 1) / tile_batch;
        std::size_t b = 0;
        for (std::size_t strip = 0; strip < strips; ++strip) {
            const std::size_t next = batch * (strip + 1) / strips;
            switch (next - b) {
                case 1:
                    multiply_strip<1>(b);
                    break;
                case 2:
                    multiply_strip<2>(b);
                    break;
                case 3:
                    multiply_strip<3>(b);
                    break;
                default:
                    multiply_strip<tile_batch>(b);
            }
            b = next;
        }
    }
};

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
