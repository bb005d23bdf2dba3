// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matvec and matmul in fast arithmetic with Highway: codes of weights times codes of activations, sixteen bits wide.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP
#undef UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_FAST_MATMUL_HPP
#endif

#include <unloop/backend/fast_arithmetic.hpp>
#include <unloop/backend/highway/lanes.hpp>
#include <unloop/backend/highway/prefetch.hpp>

#include <algorithm>    // min
#include <type_traits>  // integral_constant

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR  // has no pairs

template <class Format>
void fast_matmul(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    fast_reference()(kernels::matmul_t(), weights, x, out);
}

#else

// Eight lanes of sums, each of pairs of products; `fast_reference` says which.
using sum_tag = hn::CappedTag<float, activation_lanes>;
using count_tag = hn::Rebind<std::int32_t, sum_tag>;
using code_tag = hn::Repartition<std::int16_t, count_tag>;
using code_vector = hn::Vec<code_tag>;
inline constexpr std::size_t sums_a_vector = hn::MaxLanes(sum_tag());
inline constexpr std::size_t codes_a_vector = hn::MaxLanes(code_tag());
inline constexpr std::size_t parts_a_block = activation_lanes / sums_a_vector;

/// Codes 0 to 15 of a block, and 16 to 31.
struct block_codes {
    code_vector low[parts_a_block], high[parts_a_block];
};

HWY_INLINE block_codes load_codes(const std::int16_t* from) {
    block_codes codes;
    for (std::size_t p = 0; p < parts_a_block; ++p) {
        codes.low[p] = hn::LoadU(code_tag(), from + p * codes_a_vector);
        codes.high[p] = hn::LoadU(code_tag(), from + 16 + p * codes_a_vector);
    }
    return codes;
}

HWY_INLINE block_codes load_codes(q4_1, const std::byte* block) {
    const hn::Rebind<std::uint8_t, code_tag> narrow;
    block_codes codes;
    for (std::size_t p = 0; p < parts_a_block; ++p) {
        const auto* from = reinterpret_cast<const std::uint8_t*>(block + 4) + p * codes_a_vector;
        const code_vector both = hn::PromoteTo(code_tag(), hn::LoadU(narrow, from));
        codes.low[p] = hn::And(both, hn::Set(code_tag(), 15));
        codes.high[p] = hn::ShiftRight<4>(both);
    }
    return codes;
}

HWY_INLINE block_codes load_codes(q8_0, const std::byte* block) {
    const hn::Rebind<std::int8_t, code_tag> narrow;
    const auto* from = reinterpret_cast<const std::int8_t*>(block + 2);
    block_codes codes;
    for (std::size_t p = 0; p < parts_a_block; ++p) {
        codes.low[p] = hn::PromoteTo(code_tag(), hn::LoadU(narrow, from + p * codes_a_vector));
        codes.high[p] = hn::PromoteTo(code_tag(), hn::LoadU(narrow, from + 16 + p * codes_a_vector));
    }
    return codes;
}

/// Part p of the lanes: exact sums of products, as float.
HWY_INLINE hn::Vec<sum_tag> lane_products(const block_codes& a, const block_codes& b, std::size_t p) {
    auto sum = hn::Zero(count_tag()), odd = hn::Zero(count_tag());
    sum = hn::ReorderWidenMulAccumulate(count_tag(), a.low[p], b.low[p], sum, odd);
    sum = hn::ReorderWidenMulAccumulate(count_tag(), a.high[p], b.high[p], sum, odd);
    return hn::ConvertTo(sum_tag(), hn::RearrangeToOddPlusEven(sum, odd));
}

HWY_INLINE hn::Vec<sum_tag> broadcast_scale(const std::byte* from) {
    const hn::Simd<float, 1, 0> one;
    const hn::Rebind<hwy::float16_t, decltype(one)> half;
    return hn::Set(sum_tag(),
                   hn::GetLane(hn::PromoteTo(one, hn::LoadU(half, reinterpret_cast<const hwy::float16_t*>(from)))));
}

/// `quantise_activations`, with the same bits.
inline void quantise(const float* x, activation_block& out) {
    auto largest = hn::Zero(sum_tag()), not_finite = hn::Zero(sum_tag());
    for (std::size_t i = 0; i < activation_block_values; i += sums_a_vector) {
        const auto values = hn::LoadU(sum_tag(), x + i);
        largest = hn::Max(largest, hn::Abs(values));
        not_finite = hn::Add(not_finite, hn::Sub(values, values));
    }
    const float most = hn::GetLane(hn::MaxOfLanes(sum_tag(), largest));
    if (hn::GetLane(hn::SumOfLanes(sum_tag(), not_finite)) != 0 || most < least_activation) {
        out = quantise_activations(x);
        return;
    }
    const auto inverse = hn::Set(sum_tag(), 127.0F / most);
    const hn::Rebind<std::int16_t, sum_tag> half_codes;
    for (std::size_t i = 0; i < activation_block_values; i += sums_a_vector) {
        const auto codes = hn::NearestInt(hn::Mul(hn::LoadU(sum_tag(), x + i), inverse));
        hn::StoreU(hn::DemoteTo(half_codes, codes), half_codes, out.codes + i);
    }
    out.scale = most / 127.0F;
    const block_codes codes = load_codes(out.codes);
    block_codes ones;
    for (std::size_t p = 0; p < parts_a_block; ++p) ones.low[p] = ones.high[p] = hn::Set(code_tag(), 1);
    for (std::size_t p = 0; p < parts_a_block; ++p)
        hn::StoreU(hn::Mul(hn::Set(sum_tag(), out.scale), lane_products(codes, ones, p)), sum_tag(),
                   out.lane_sums + p * sums_a_vector);
}

inline constexpr std::size_t fast_rows = 64;    ///< rows of weights that one quantising of x serves
inline constexpr std::size_t fast_batch = 4;    ///< rows of x that decoded weights serve
inline constexpr std::size_t fast_blocks = 64;  ///< blocks of a row of x that are quantised at a time

/// Activations of some columns, and the sums so far.
struct fast_tile {
    activation_block x[fast_batch][fast_blocks];
    float sums[fast_batch][fast_rows][activation_lanes];
};

/// Rows [row, row + Rows) of the tile; `first` is their first block, `blocks` how many each has.
template <std::size_t Rows, std::size_t Batch, class Format>
HWY_INLINE void multiply_blocks(const std::byte* first, std::size_t row_stride, std::size_t blocks, std::size_t row,
                                fast_tile& tile) {
    constexpr std::size_t line = 64, blocks_a_line = Format::block_bytes < line ? line / Format::block_bytes : 1;
    hn::Vec<sum_tag> sums[Rows][Batch][parts_a_block];
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b)
            for (std::size_t p = 0; p < parts_a_block; ++p)
                sums[r][b][p] = hn::LoadU(sum_tag(), tile.sums[b][row + r] + p * sums_a_vector);
    for (std::size_t k = 0; k < blocks; ++k) {
        const std::byte* block = first + k * Format::block_bytes;
        for (std::size_t r = 0; r < Rows; ++r, block += row_stride) {
            if (k % blocks_a_line == 0) prefetch_first_cache(block, Rows * row_stride);
            const block_codes codes = load_codes(Format(), block);
            const auto d = broadcast_scale(block);
            for (std::size_t b = 0; b < Batch; ++b) {
                const activation_block& x = tile.x[b][k];
                const auto scale = hn::Mul(d, hn::Set(sum_tag(), x.scale));
                const block_codes inputs = load_codes(x.codes);
                for (std::size_t p = 0; p < parts_a_block; ++p)
                    sums[r][b][p] = hn::MulAdd(scale, lane_products(codes, inputs, p), sums[r][b][p]);
                if constexpr (Format::scale_offsets.size() == 2) {
                    const auto minimum = broadcast_scale(block + Format::scale_offsets[1]);
                    for (std::size_t p = 0; p < parts_a_block; ++p)
                        sums[r][b][p] =
                            hn::MulAdd(minimum, hn::LoadU(sum_tag(), x.lane_sums + p * sums_a_vector), sums[r][b][p]);
                }
            }
        }
    }
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b)
            for (std::size_t p = 0; p < parts_a_block; ++p)
                hn::StoreU(sums[r][b][p], sum_tag(), tile.sums[b][row + r] + p * sums_a_vector);
}

/// Eight lanes to one, as a tree.
HWY_INLINE float fold_sums(const float* sums) {
    auto folded = hn::LoadU(sum_tag(), sums);
    if constexpr (parts_a_block == 2) folded = hn::Add(folded, hn::LoadU(sum_tag(), sums + sums_a_vector));
    return fold_lanes(sum_tag(), folded);
}

/// At most fast_rows rows of weights against `Batch` rows of x.
template <std::size_t Batch, class Format>
void multiply_fast_tile(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    constexpr std::size_t together = Batch * parts_a_block == 1 ? 4 : Batch * parts_a_block <= 4 ? 2 : 1;
    const std::size_t all_blocks = weights.columns / Format::block_values;
    fast_tile tile;
    for (auto& rows : tile.sums) std::fill_n(&rows[0][0], weights.rows * activation_lanes, 0.0F);
    for (std::size_t k = 0; k < all_blocks; k += fast_blocks) {
        const std::size_t blocks = std::min(fast_blocks, all_blocks - k);
        for (std::size_t b = 0; b < Batch; ++b)
            for (std::size_t i = 0; i < blocks; ++i)
                quantise(x[b].data() + (k + i) * activation_block_values, tile.x[b][i]);
        const std::size_t before = k * Format::block_bytes;
        std::size_t r = 0;
        for (; r + together <= weights.rows; r += together)
            multiply_blocks<together, Batch, Format>(weights.row(r) + before, weights.row_stride, blocks, r, tile);
        for (; r < weights.rows; ++r)
            multiply_blocks<1, Batch, Format>(weights.row(r) + before, weights.row_stride, blocks, r, tile);
    }
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t r = 0; r < weights.rows; ++r) out[b][r] = fold_sums(tile.sums[b][r]);
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
        while (b + fast_batch <= x.rows()) multiply(std::integral_constant<std::size_t, fast_batch>());
        while (b + 2 <= x.rows()) multiply(std::integral_constant<std::size_t, 2>());
        while (b < x.rows()) multiply(std::integral_constant<std::size_t, 1>());
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
