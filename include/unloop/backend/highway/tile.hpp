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

#include <cstddef>  // size_t
#include <cstring>  // memcpy
#include <utility>  // index_sequence

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

/// Sums of `Rows` rows with `Batch` rows of x. Only constants index them, by way of packs: then they stay in registers,
/// where those of a loop, though it be unrolled later, go by way of memory.
template <std::size_t Rows, std::size_t Batch>
struct register_tile {
    static constexpr auto all_rows = std::make_index_sequence<Rows>();
    static constexpr auto all_batch = std::make_index_sequence<Batch>();
    static constexpr auto all_sums = std::make_index_sequence<Batch * Rows>();
    static constexpr auto all_of_block = std::make_index_sequence<fold_count>();

    lane_vector sums[Batch * Rows];

    HWY_INLINE void begin() { begin(all_sums); }
    /// Vector `v` of the sums in memory.
    HWY_INLINE void load(const float* from, std::size_t v) { load(from + v * vector_lanes, all_sums); }
    HWY_INLINE void store(float* to, std::size_t v) const { store(to + v * vector_lanes, all_sums); }
    /// Adds the products of vector `v` of every whole step.
    HWY_INLINE void add_products(const tile_input& in, std::size_t v) {
        const std::size_t end = in.columns / lane_count * lane_count;
        for (std::size_t k = v * vector_lanes; k < end; k += lane_count)
            add_products(in.rows + k, in.row_stride, in.x + k, in.x_stride, all_rows, all_batch);
    }
    /// out[b][r] = the sum of the sixteen lanes, whose last vector is here and whose others are in `others`; of the
    /// sums from `First` on.
    template <std::size_t First = 0>
    HWY_INLINE void fold(const float* others, float* out, std::size_t out_stride) const {
        if constexpr (Rows == tile_rows && First + fold_count <= Batch * Rows) {
            fold_one_block<First>(others, out + First / Rows * out_stride, out_stride, all_of_block);
            fold<First + fold_count>(others, out, out_stride);
        } else if constexpr (First < Batch * Rows) {
            out[First / Rows * out_stride + First % Rows] = sum_lanes(sum(others, First));
            fold<First + 1>(others, out, out_stride);
        }
    }

  private:
    template <std::size_t... I>
    HWY_INLINE void begin(std::index_sequence<I...>) {
        ((sums[I] = hn::Zero(lane_tag())), ...);
    }
    template <std::size_t... I>
    HWY_INLINE void load(const float* from, std::index_sequence<I...>) {
        ((sums[I] = hn::LoadU(lane_tag(), from + sums_of(I / Rows, I % Rows))), ...);
    }
    template <std::size_t... I>
    HWY_INLINE void store(float* to, std::index_sequence<I...>) const {
        (hn::StoreU(sums[I], lane_tag(), to + sums_of(I / Rows, I % Rows)), ...);
    }
    /// Holds the vectors of x, fewer than rows: beside the tile there is room for these and one more.
    template <std::size_t... R, std::size_t... B>
    HWY_INLINE void add_products(const float* rows, std::size_t row_stride, const float* x, std::size_t x_stride,
                                 std::index_sequence<R...>, std::index_sequence<B...> batch) {
        const lane_vector inputs[Batch] = {load_once(x + B * x_stride)...};
        (add_row(load_once(rows + R * row_stride), inputs, sums + R, batch), ...);
    }
    template <std::size_t... B>
    HWY_INLINE static void add_row(lane_vector weights, const lane_vector* inputs, lane_vector* row,
                                   std::index_sequence<B...>) {
        ((row[B * Rows] = hn::MulAdd(weights, inputs[B], row[B * Rows])), ...);
    }
    HWY_INLINE step_values sum(const float* others, std::size_t i) const {
        constexpr std::size_t last = vectors_a_step - 1;
        step_values all;
        for (std::size_t v = 0; v < last; ++v)
            all.part[v] = hn::LoadU(lane_tag(), others + sums_of(i / Rows, i % Rows) + v * vector_lanes);
        all.part[last] = sums[i];
        return all;
    }
    template <std::size_t First, std::size_t... I>
    HWY_INLINE void fold_one_block(const float* others, float* out, std::size_t out_stride,
                                   std::index_sequence<I...>) const {
        const step_values block[] = {sum(others, First + I)...};
        HWY_ALIGN float folded[fold_count];
        fold_block(block, folded);
        for (std::size_t i = 0; i < fold_count; i += Rows)
            std::memcpy(out + i / Rows * out_stride, folded + i, Rows * sizeof(float));
    }
};

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

/// `Rows` rows against `Batch` rows of x; sums: [batch][panel_rows][lane] keep what is between two vectors of a step
/// and between two panels of columns, out: [batch][rows] is written at the end.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void multiply_tile(const tile_input& in, panel_step step, float* sums, float* out, std::size_t out_stride) {
    constexpr std::size_t last = vectors_a_step - 1;
    register_tile<Rows, Batch> tile;
    for (std::size_t v = 0; v < last; ++v) {
        step.begin ? tile.begin() : tile.load(sums, v);
        tile.add_products(in, v);
        tile.store(sums, v);
    }
    step.begin ? tile.begin() : tile.load(sums, last);
    tile.add_products(in, last);
    if (in.columns % lane_count != 0) {
        tile.store(sums, last);
        add_tail_products<Rows, Batch>(in, sums);
        tile.load(sums, last);
    }
    if (step.end)
        tile.fold(sums, out, out_stride);
    else
        tile.store(sums, last);
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
            tile(index<tile_rows>());
        }
        while (r < panel.rows()) tile(index<1>());
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
