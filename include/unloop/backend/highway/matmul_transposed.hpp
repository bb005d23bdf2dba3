// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matmul_transposed with Highway: a panel of weights is widened once, then multiplied in register tiles.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_MATMUL_TRANSPOSED_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_MATMUL_TRANSPOSED_HPP
#undef UNLOOP_BACKEND_HIGHWAY_MATMUL_TRANSPOSED_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_MATMUL_TRANSPOSED_HPP
#endif

#include <unloop/backend/highway/matmul.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

// A tile holds batch x steps sums, twelve vectors of them on AVX2 and on AVX-512.
inline constexpr std::size_t transposed_batch = 6;
inline constexpr std::size_t transposed_steps = vectors_a_step == 1 ? 2 : 1;
// A panel of widened weights stays in the second cache; the padding keeps its rows out of one cache set.
inline constexpr std::size_t transposed_rows = 64;
inline constexpr std::size_t transposed_columns = 256;
inline constexpr std::size_t transposed_stride = transposed_columns + lane_count;

/// Adds to `Batch` rows of out, over `Steps` steps of columns, the sum over `rows` widened rows. One panel of rows is
/// summed from zero in ascending order and then added: the order of every element, whatever the batch.
template <std::size_t Batch, std::size_t Steps>
HWY_INLINE void add_transposed_tile(const float* weights, std::size_t rows, const float* gradient,
                                    std::size_t gradient_stride, float* out, std::size_t out_stride) {
    step_values sums[Batch][Steps];
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t s = 0; s < Steps; ++s) sums[b][s] = zero_step();
    for (std::size_t r = 0; r < rows; ++r) {
        step_values row[Steps];
        for (std::size_t s = 0; s < Steps; ++s) row[s] = load_step(weights + r * transposed_stride + s * lane_count);
        for (std::size_t b = 0; b < Batch; ++b) {
            const lane_vector factor = hn::Set(lane_tag(), gradient[b * gradient_stride + r]);
            for (std::size_t s = 0; s < Steps; ++s)
                for (std::size_t v = 0; v < vectors_a_step; ++v)
                    sums[b][s].part[v] = hn::MulAdd(factor, row[s].part[v], sums[b][s].part[v]);
        }
    }
    for (std::size_t b = 0; b < Batch; ++b)
        for (std::size_t s = 0; s < Steps; ++s) {
            float* const to = out + b * out_stride + s * lane_count;
            step_values total = load_step(to);
            for (std::size_t v = 0; v < vectors_a_step; ++v) total.part[v] = hn::Add(total.part[v], sums[b][s].part[v]);
            store_step(total, to);
        }
}

/// The last `count` < 16 columns, by way of padded rows of out.
template <std::size_t Batch>
HWY_INLINE void add_transposed_tail(const float* weights, std::size_t rows, const float* gradient,
                                    std::size_t gradient_stride, float* out, std::size_t out_stride,
                                    std::size_t count) {
    HWY_ALIGN float padded[Batch * lane_count] = {};
    for (std::size_t b = 0; b < Batch; ++b)
        std::memcpy(padded + b * lane_count, out + b * out_stride, count * sizeof(float));
    add_transposed_tile<Batch, 1>(weights, rows, gradient, gradient_stride, padded, lane_count);
    for (std::size_t b = 0; b < Batch; ++b)
        std::memcpy(out + b * out_stride, padded + b * lane_count, count * sizeof(float));
}

/// `Batch` rows of out over all `columns` of one panel.
template <std::size_t Batch>
HWY_INLINE void add_transposed_band(const float* panel, std::size_t rows, std::size_t columns, const float* gradient,
                                    std::size_t gradient_stride, float* out, std::size_t out_stride) {
    constexpr std::size_t wide = transposed_steps * lane_count;
    std::size_t k = 0;
    for (; k + wide <= columns; k += wide)
        add_transposed_tile<Batch, transposed_steps>(panel + k, rows, gradient, gradient_stride, out + k, out_stride);
    for (; k + lane_count <= columns; k += lane_count)
        add_transposed_tile<Batch, 1>(panel + k, rows, gradient, gradient_stride, out + k, out_stride);
    if (k < columns)
        add_transposed_tail<Batch>(panel + k, rows, gradient, gradient_stride, out + k, out_stride, columns - k);
}

template <class Format>
void matmul_transposed(typed_weights<Format> weights, const_matrix_view gradient, matrix_view out) {
    HWY_ALIGN float panel[transposed_rows * transposed_stride];
    const std::size_t batch = gradient.rows();
    for (std::size_t k = 0; k < weights.columns; k += transposed_columns) {
        const std::size_t columns = std::min(transposed_columns, weights.columns - k);
        for (std::size_t r = 0; r < weights.rows; r += transposed_rows) {
            const std::size_t rows = std::min(transposed_rows, weights.rows - r);
            for (std::size_t i = 0; i < rows; ++i)
                widen_row<Format>(weights.row(r + i), k, columns, panel + i * transposed_stride);
            std::size_t b = 0;
            for (; b + transposed_batch <= batch; b += transposed_batch)
                add_transposed_band<transposed_batch>(panel, rows, columns, gradient[b].data() + r, gradient.stride(0),
                                                      out[b].data() + k, out.stride(0));
            for (; b < batch; ++b)
                add_transposed_band<1>(panel, rows, columns, gradient[b].data() + r, gradient.stride(0),
                                       out[b].data() + k, out.stride(0));
        }
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
