// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matvec and matmul of bf16 weights with activations rounded to bf16: what fast arithmetic does where the machine
// multiplies pairs of bf16 in one instruction.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_BF16_PAIRS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_BF16_PAIRS_HPP
#undef UNLOOP_BACKEND_HIGHWAY_BF16_PAIRS_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_BF16_PAIRS_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>
#include <unloop/tensor/bfloat16.hpp>
#include <unloop/tensor/view.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>  // fill, min
#include <cstring>    // memcpy

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// Highway 1.1 and newer say so; AVX3_ZEN4, AVX3_SPR and Arm's BF16 extension have the instruction.
#if defined(HWY_NATIVE_DOT_BF16) && HWY_NATIVE_DOT_BF16
inline constexpr bool multiplies_bf16_pairs = true;
#else
inline constexpr bool multiplies_bf16_pairs = false;
#endif

#if HWY_TARGET != HWY_SCALAR  // has no pairs

using pair_sum_tag = hn::ScalableTag<float>;
using pair_value_tag = hn::Repartition<hwy::bfloat16_t, pair_sum_tag>;
inline constexpr std::size_t values_a_vector = hn::MaxLanes(pair_value_tag());

inline constexpr std::size_t pair_rows = 4;        ///< rows of weights that rounded activations serve at a time
inline constexpr std::size_t pair_batch = 2;       ///< rows of x
inline constexpr std::size_t pair_columns = 4096;  ///< columns that are rounded at a time

/// Some columns of `Batch` rows of x in bf16, zeros behind them up to a whole vector.
template <std::size_t Batch>
struct rounded_rows {
    HWY_ALIGN bfloat16 values[Batch][pair_columns];
    std::size_t columns;

    void round(const_matrix_view x, std::size_t first, std::size_t count) {
        columns = count;
        const std::size_t padded = (count + values_a_vector - 1) / values_a_vector * values_a_vector;
        for (std::size_t b = 0; b < Batch; ++b) {
            for (std::size_t k = 0; k < count; ++k) values[b][k] = bfloat16(x[b][first + k]);
            std::fill(values[b] + count, values[b] + padded, bfloat16(0.0F));
        }
    }
};

/// The weights at `from`, of which the row has `count` left: zeros behind its end.
HWY_INLINE hn::Vec<pair_value_tag> load_values(const std::byte* from, std::size_t count) {
    const auto* const values = reinterpret_cast<const hwy::bfloat16_t*>(from);
    if (count >= values_a_vector) return hn::LoadU(pair_value_tag(), values);
    HWY_ALIGN bfloat16 padded[values_a_vector] = {};
    std::memcpy(padded, from, count * sizeof(bfloat16));
    return hn::LoadU(pair_value_tag(), reinterpret_cast<const hwy::bfloat16_t*>(padded));
}

/// Adds the products of these columns; a sum begins where `out` is not yet written.
template <std::size_t Rows, std::size_t Batch>
HWY_INLINE void multiply_pairs(const std::byte* rows, std::size_t row_stride, const rounded_rows<Batch>& x, bool begins,
                               float* out, std::size_t out_stride) {
    hn::Vec<pair_sum_tag> sums[Rows][Batch], others[Rows][Batch];  // the latter stay zero where pairs are native
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b) sums[r][b] = others[r][b] = hn::Zero(pair_sum_tag());
    for (std::size_t k = 0; k < x.columns; k += values_a_vector) {
        hn::Vec<pair_value_tag> inputs[Batch];
        for (std::size_t b = 0; b < Batch; ++b)
            inputs[b] = hn::LoadU(pair_value_tag(), reinterpret_cast<const hwy::bfloat16_t*>(x.values[b] + k));
        for (std::size_t r = 0; r < Rows; ++r) {
            const auto weights = load_values(rows + r * row_stride + k * sizeof(bfloat16), x.columns - k);
            for (std::size_t b = 0; b < Batch; ++b)
                sums[r][b] =
                    hn::ReorderWidenMulAccumulate(pair_sum_tag(), weights, inputs[b], sums[r][b], others[r][b]);
        }
    }
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b) {
            const float sum = fold_lanes(pair_sum_tag(), hn::Add(sums[r][b], others[r][b]));
            float& total = out[b * out_stride + r];
            total = begins ? sum : total + sum;
        }
}

/// All rows of the weights with `Batch` rows of x.
template <std::size_t Batch>
void multiply_rounded(typed_weights<bf16> weights, const_matrix_view x, float* out, std::size_t out_stride) {
    rounded_rows<Batch> rounded;
    std::size_t first = 0;
    do {  // once even without columns: outputs are 0 then
        rounded.round(x, first, std::min(pair_columns, weights.columns - first));
        std::size_t r = 0;
        const auto multiply = [&](auto rows) HWY_ATTR {
            multiply_pairs<rows()>(weights.row(r) + first * sizeof(bfloat16), weights.row_stride, rounded, first == 0,
                                   out + r, out_stride);
            r += rows();
        };
        while (r + pair_rows <= weights.rows) multiply(index<pair_rows>());
        while (r < weights.rows) multiply(index<1>());
        first += pair_columns;
    } while (first < weights.columns);
}

/// As `matmul`, with every activation rounded to bf16, to nearest even. Each output has one order of sums whatever the
/// batch; instruction sets differ in theirs.
inline void matmul_of_pairs(typed_weights<bf16> weights, const_matrix_view x, matrix_view out) {
    std::size_t b = 0;
    const auto multiply = [&](auto batch) {
        multiply_rounded<batch()>(weights, x.rows(b, batch()), out[b].data(), out.stride(0));
        b += batch();
    };
    while (b + pair_batch <= x.rows()) multiply(index<pair_batch>());
    while (b < x.rows()) multiply(index<1>());
}

inline void matvec_of_pairs(typed_weights<bf16> weights, const float* x, float* out) {
    matmul_of_pairs(weights, const_matrix_view(x, 1, weights.columns), matrix_view(out, 1, weights.rows));
}

#endif  // HWY_SCALAR

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
