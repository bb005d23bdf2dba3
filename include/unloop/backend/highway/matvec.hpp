// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matvec with Highway, and matmul of so few rows of x that all their sums stay in registers: weights are widened in
// registers, each read once.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_MATVEC_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_MATVEC_HPP
#undef UNLOOP_BACKEND_HIGHWAY_MATVEC_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_MATVEC_HPP
#endif

#include <unloop/backend/highway/prefetch.hpp>
#include <unloop/backend/highway/widen.hpp>
#include <unloop/tensor/view.hpp>
#include <unloop/tensor/weight_view.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// Rows of x whose sums stay in registers.
inline constexpr std::size_t most_in_registers = 4;

/// Rows of weights that go along with `Batch` rows of x: independent sums hide the latency of the multiply-add.
template <std::size_t Batch>
inline constexpr std::size_t rows_in_registers = vectors_a_step == 1 ? 4
                                                                     : (Batch == 1   ? 4
                                                                        : Batch == 2 ? 2
                                                                                     : 1);

/// Plain formats wait for memory, and its second cache has the longer queue; where blocks are decoded, the arithmetic
/// is what takes the time, and the first cache is the better place.
template <class Format>
HWY_INLINE void prefetch_row(const std::byte* from, std::size_t distance) {
    if constexpr (Format::block_values == 1)
        prefetch_second_cache(from, distance);
    else
        prefetch_first_cache(from, distance);
}

/// `Rows` rows of weights against `Batch` rows of x. Rows are walked side by side, but memory is asked for in order,
/// one group of rows ahead: hardware prefetchers follow one stream over page borders better than several short ones.
template <std::size_t Rows, std::size_t Batch, class Format>
HWY_INLINE void register_rows(const std::byte* first_row, std::size_t row_stride, const_matrix_view x, float* out,
                              std::size_t out_stride) {
    constexpr std::size_t line = 64, units_a_line = unit_bytes<Format> < line ? line / unit_bytes<Format> : 1;
    step_values sums[Rows][Batch];
    for (auto& row : sums)
        for (step_values& sum : row) sum = zero_step();
    const std::size_t columns = x.columns(), x_stride = x.stride(0);
    const float* const inputs = x.data();
    const std::byte* unit = first_row;
    std::size_t ahead = Rows * row_stride;
    std::size_t k = 0;
    const auto multiply_unit = [&]() HWY_ATTR {
        for (std::size_t r = 0; r < Rows; ++r) {
            step_values weights[steps_a_unit<Format>];
            widen(Format(), unit + r * row_stride, weights);
            for (std::size_t b = 0; b < Batch; ++b)
                for (std::size_t s = 0; s < steps_a_unit<Format>; ++s)
                    multiply_add(weights[s], load_step(inputs + b * x_stride + k + s * lane_count), sums[r][b]);
        }
        k += unit_values<Format>, unit += unit_bytes<Format>;
    };
    while (k + units_a_line * unit_values<Format> <= columns) {
        for (std::size_t r = 0; r < Rows; ++r, ahead += line) prefetch_row<Format>(first_row, ahead);
        for (std::size_t u = 0; u < units_a_line; ++u) multiply_unit();
    }
    while (k + unit_values<Format> <= columns) multiply_unit();
    if (k < columns)
        for (std::size_t r = 0; r < Rows; ++r)
            for (std::size_t b = 0; b < Batch; ++b)
                multiply_add(widen_tail(Format(), unit + r * row_stride, columns - k),
                             load_step_tail(inputs + b * x_stride + k, columns - k), sums[r][b]);
    for (std::size_t r = 0; r < Rows; ++r)
        for (std::size_t b = 0; b < Batch; ++b) out[b * out_stride + r] = sum_lanes(sums[r][b]);
}

template <std::size_t Batch, class Format>
void multiply_in_registers(typed_weights<Format> weights, const_matrix_view x, float* out, std::size_t out_stride) {
    constexpr std::size_t rows = rows_in_registers<Batch>;
    std::size_t r = 0;
    for (; r + rows <= weights.rows; r += rows)
        register_rows<rows, Batch, Format>(weights.row(r), weights.row_stride, x, out + r, out_stride);
    for (; r < weights.rows; ++r)
        register_rows<1, Batch, Format>(weights.row(r), weights.row_stride, x, out + r, out_stride);
}

/// x: [at most most_in_registers, columns].
template <class Format>
void multiply_in_registers(typed_weights<Format> weights, const_matrix_view x, matrix_view out) {
    switch (x.rows()) {
        case 1:
            return multiply_in_registers<1>(weights, x, out.data(), out.stride(0));
        case 2:
            return multiply_in_registers<2>(weights, x, out.data(), out.stride(0));
        case 3:
            return multiply_in_registers<3>(weights, x, out.data(), out.stride(0));
        case 4:
            return multiply_in_registers<4>(weights, x, out.data(), out.stride(0));
    }
}

template <class Format>
void matvec(typed_weights<Format> weights, const float* x, float* out) {
    multiply_in_registers<1>(weights, const_matrix_view(x, 1, weights.columns), out, 0);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
