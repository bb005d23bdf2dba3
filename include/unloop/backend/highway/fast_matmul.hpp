// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matvec and matmul in fast arithmetic with Highway: codes of weights times codes of activations.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP
#undef UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP
#endif

#include <unloop/backend/highway/code_products.hpp>
#include <unloop/backend/highway/prefetch.hpp>
#include <unloop/backend/highway/widen.hpp>
#include <unloop/tensor/view.hpp>

#include <algorithm>  // fill_n, min
#include <cstdint>    // codes
#include <cstring>    // memcpy
#include <limits>     // finite or not

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR  // has no pairs

template <class Format>
void fast_matmul(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    fast_reference()(kernels::matmul_t(), weights, x, out);
}

#else

inline constexpr std::size_t fast_rows = 128;   ///< rows of weights that one quantising of x serves
inline constexpr std::size_t fast_batch = 2;    ///< rows of x that decoded weights serve
inline constexpr std::size_t fast_blocks = 64;  ///< blocks of a row of x that are quantised at a time
inline constexpr std::size_t fast_group = 4;    ///< rows of weights whose scales share a vector

/// Activations of some columns of `Batch` rows, scales of a group of rows with them, and the sums so far.
template <std::size_t Batch>
struct fast_tile {
    HWY_ALIGN std::int8_t codes[fast_blocks][Batch][activation_block_values];
    float x_scales[fast_blocks][Batch], x_sums[fast_blocks][Batch];
    HWY_ALIGN float scales[fast_blocks][Batch][fast_group];
    HWY_ALIGN float lanes[fast_rows][Batch][activation_lanes];
    HWY_ALIGN float minimums[fast_rows / fast_group][Batch][fast_group];
};

/// `quantise_activations`, with the same bits.
HWY_INLINE void quantise(const float* x, std::int8_t* out, float& scale, float& scaled_sum) {
    constexpr std::size_t vectors = activation_block_values / sums_a_vector;
    hn::Vec<sum_tag> values[vectors];
    auto largest = hn::Zero(count_tag());  // magnitudes have the order of their bits, and none is above infinity
    for (std::size_t v = 0; v < vectors; ++v) {
        values[v] = hn::LoadU(sum_tag(), x + v * sums_a_vector);
        largest = hn::Max(largest, hn::BitCast(count_tag(), hn::Abs(values[v])));
    }
    const auto most = hn::GetLane(hn::BitCast(sum_tag(), hn::MaxOfLanes(count_tag(), largest)));
    if (!(most >= least_activation && most <= std::numeric_limits<float>::max())) {
        const activation_block block = quantise_activations(x);
        std::memcpy(out, block.codes, sizeof block.codes);
        scale = block.scale, scaled_sum = block.sum;
        return;
    }
    const auto inverse = hn::Set(sum_tag(), 127.0F / most);
    const hn::Rebind<std::int8_t, sum_tag> narrow;
    auto sum = hn::Zero(count_tag());
    for (std::size_t v = 0; v < vectors; ++v) {
        const auto codes = hn::NearestInt(hn::Mul(values[v], inverse));
        sum = hn::Add(sum, codes);
        hn::StoreU(hn::DemoteTo(narrow, codes), narrow, out + v * sums_a_vector);
    }
    scale = most / 127.0F;
    scaled_sum = scale * static_cast<float>(hn::GetLane(hn::SumOfLanes(count_tag(), sum)));
}

using group_tag = hn::CappedTag<float, fast_group>;  // a row a lane

HWY_INLINE std::uint64_t load_bits(const std::byte* from) {
    std::uint32_t bits;
    std::memcpy(&bits, from, sizeof bits);
    return bits;
}

/// The first two halves of the blocks of two rows as floats, which meet in a general register.
HWY_INLINE hn::Vec<group_tag> load_scales(const std::byte* first, const std::byte* second) {
    const hn::Simd<std::uint64_t, 1, 0> wide;
    const hn::Repartition<hwy::float16_t, decltype(wide)> halves;
    return widen_halves(group_tag(), hn::BitCast(halves, hn::Set(wide, load_bits(first) | load_bits(second) << 32)));
}

/// tile.scales = scale of the weights * scale of x for every block of the group, and the minimums are added. This is
/// done ahead of the products: were a scale stored and broadcast from there in one step, the load would wait for it.
template <std::size_t Batch, class Format>
HWY_INLINE void multiply_scales(const std::byte* const (&rows)[fast_group], std::size_t blocks, fast_tile<Batch>& tile,
                                float (&minimums)[Batch][fast_group]) {
    hn::Vec<group_tag> sums[Batch];
    for (std::size_t b = 0; b < Batch; ++b) sums[b] = hn::LoadU(group_tag(), minimums[b]);
    for (std::size_t k = 0; k < blocks; ++k) {
        const std::size_t at = k * Format::block_bytes;
        const auto low = load_scales(rows[0] + at, rows[1] + at), high = load_scales(rows[2] + at, rows[3] + at);
        const auto scale = hn::ConcatEven(group_tag(), high, low), minimum = hn::ConcatOdd(group_tag(), high, low);
        for (std::size_t b = 0; b < Batch; ++b) {
            hn::StoreU(hn::Mul(scale, hn::Set(group_tag(), tile.x_scales[k][b])), group_tag(), tile.scales[k][b]);
            if constexpr (Format::scale_offsets.size() == 2)
                sums[b] = hn::MulAdd(minimum, hn::Set(group_tag(), tile.x_sums[k][b]), sums[b]);
        }
    }
    for (std::size_t b = 0; b < Batch; ++b) hn::StoreU(sums[b], group_tag(), minimums[b]);
}

/// The sums of `Rows` rows of weights with `Batch` rows of x, in registers.
template <std::size_t Rows, std::size_t Batch>
struct group_sums {
    hn::Vec<sum_tag> lanes[Rows][Batch][parts_a_block];

    HWY_INLINE void load(const fast_tile<Batch>& tile, std::size_t row) {
        for (std::size_t r = 0; r < Rows; ++r)
            for (std::size_t b = 0; b < Batch; ++b)
                for (std::size_t p = 0; p < parts_a_block; ++p)
                    lanes[r][b][p] = hn::Load(sum_tag(), tile.lanes[row + r][b] + p * sums_a_vector);
    }
    HWY_INLINE void store(fast_tile<Batch>& tile, std::size_t row) const {
        for (std::size_t r = 0; r < Rows; ++r)
            for (std::size_t b = 0; b < Batch; ++b)
                for (std::size_t p = 0; p < parts_a_block; ++p)
                    hn::Store(lanes[r][b][p], sum_tag(), tile.lanes[row + r][b] + p * sums_a_vector);
    }
    /// Block k of the columns.
    template <class Format>
    HWY_INLINE void add(const std::byte* const (&rows)[fast_group], std::size_t k, const fast_tile<Batch>& tile) {
        for (std::size_t r = 0; r < Rows; ++r) {
            const auto weights = load_codes(Format(), rows[r] + k * Format::block_bytes);
            for (std::size_t b = 0; b < Batch; ++b)
                for (std::size_t p = 0; p < parts_a_block; ++p) {
                    const auto codes = hn::Load(code_tag(), tile.codes[k][b] + p * codes_a_vector);
                    const auto products = hn::ConvertTo(sum_tag(), quad_products(weights.part[p], codes));
                    lanes[r][b][p] = hn::MulAdd(hn::Set(sum_tag(), tile.scales[k][b][r]), products, lanes[r][b][p]);
                }
        }
    }
};

/// Rows [row, row + Rows) of the tile, Rows <= fast_group; `first` is their first block, `blocks` how many each has.
template <std::size_t Rows, std::size_t Batch, class Format>
HWY_INLINE void multiply_group(const std::byte* first, std::size_t row_stride, std::size_t blocks, std::size_t row,
                               fast_tile<Batch>& tile) {
    constexpr std::size_t line = 64, blocks_a_line = Format::block_bytes < line ? line / Format::block_bytes : 1;
    const std::byte* rows[fast_group];  // of a short group the last row again
    for (std::size_t r = 0; r < fast_group; ++r) rows[r] = first + std::min(r, Rows - 1) * row_stride;
    multiply_scales<Batch, Format>(rows, blocks, tile, tile.minimums[row / fast_group]);
    group_sums<Rows, Batch> sums;
    sums.load(tile, row);
    for (std::size_t k = 0; k < blocks;) {
        for (std::size_t r = 0; r < Rows; ++r)
            prefetch_first_cache(rows[r] + k * Format::block_bytes, fast_group * row_stride);
        for (const std::size_t end = std::min(k + blocks_a_line, blocks); k < end; ++k)
            sums.template add<Format>(rows, k, tile);
    }
    sums.store(tile, row);
}

/// Eight lanes to one, as a tree.
HWY_INLINE float fold_sums(const float* lanes) {
    auto folded = hn::LoadU(sum_tag(), lanes);
    if constexpr (parts_a_block == 2) folded = hn::Add(folded, hn::LoadU(sum_tag(), lanes + sums_a_vector));
    return fold_lanes(sum_tag(), folded);
}

/// At most fast_rows rows of weights against `Batch` rows of x.
template <std::size_t Batch, class Format>
void multiply_fast_tile(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    const std::size_t all_blocks = weights.columns / Format::block_values;
    fast_tile<Batch> tile;
    std::fill_n(&tile.lanes[0][0][0], weights.rows * Batch * activation_lanes, 0.0F);
    std::fill_n(&tile.minimums[0][0][0], fast_rows * Batch, 0.0F);
    for (std::size_t k = 0; k < all_blocks; k += fast_blocks) {
        const std::size_t blocks = std::min(fast_blocks, all_blocks - k), before = k * Format::block_bytes;
        for (std::size_t b = 0; b < Batch; ++b)
            for (std::size_t i = 0; i < blocks; ++i)
                quantise(x[b].data() + (k + i) * activation_block_values, tile.codes[i][b], tile.x_scales[i][b],
                         tile.x_sums[i][b]);
        for (std::size_t r = 0; r < weights.rows; r += fast_group) {
            const std::byte* const first = weights.row(r) + before;
            switch (std::min(fast_group, weights.rows - r)) {
                case 1:
                    multiply_group<1, Batch, Format>(first, weights.row_stride, blocks, r, tile);
                    break;
                case 2:
                    multiply_group<2, Batch, Format>(first, weights.row_stride, blocks, r, tile);
                    break;
                case 3:
                    multiply_group<3, Batch, Format>(first, weights.row_stride, blocks, r, tile);
                    break;
                default:
                    multiply_group<4, Batch, Format>(first, weights.row_stride, blocks, r, tile);
            }
        }
    }
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t r = 0; r < weights.rows; ++r)
            out[b][r] = fold_sums(tile.lanes[r][b]) + tile.minimums[r / fast_group][b][r % fast_group];
}

template <class Format>
void fast_matmul(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    for (std::size_t r = 0; r < weights.rows; r += fast_rows) {
        const typed_weights<Format> rows{std::min(fast_rows, weights.rows - r), weights.columns, weights.row_stride,
                                         weights.row(r)};
        std::size_t b = 0;
        const auto multiply = [&](auto batch) HWY_ATTR {
            multiply_fast_tile<batch()>(rows, x.rows(b, batch()),
                                        matrix_view(out[b].data() + r, {batch(), rows.rows}, {out.stride(0), 1}));
            b += batch();
        };
        while (b + fast_batch <= x.rows()) multiply(index<fast_batch>());
        while (b < x.rows()) multiply(index<1>());
    }
}

#endif

template <class Format>
void fast_matvec(typed_weights<Format> weights, const float* x, float* out) {
    fast_matmul(weights, const_matrix_view(x, 1, weights.columns), matrix_view(out, 1, weights.rows));
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
