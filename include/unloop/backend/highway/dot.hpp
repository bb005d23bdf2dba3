// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// dot and matvec with Highway: weights are widened in registers, each read once.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_DOT_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_DOT_HPP
#undef UNLOOP_BACKEND_HIGHWAY_DOT_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_DOT_HPP
#endif

#include <unloop/backend/highway/widen.hpp>
#include <unloop/tensor/weight_view.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

inline float dot(const float* a, const float* b, std::size_t n) {
    step_values sum = zero_step();
    std::size_t k = 0;
    for (; k + lane_count <= n; k += lane_count) multiply_add(load_step(a + k), load_step(b + k), sum);
    if (k < n) multiply_add(load_step_tail(a + k, n - k), load_step_tail(b + k, n - k), sum);
    return sum_lanes(sum);
}

/// `Rows` rows against one x: independent sums hide the latency of the multiply-add.
template <std::size_t Rows, class Format>
HWY_INLINE void matvec_rows(const std::byte* first_row, std::size_t row_stride, const float* x, std::size_t columns,
                            float* out) {
    step_values sums[Rows];
    for (std::size_t r = 0; r < Rows; ++r) sums[r] = zero_step();
    const std::byte* unit = first_row;
    std::size_t k = 0;
    for (; k + unit_values<Format> <= columns; k += unit_values<Format>, unit += unit_bytes<Format>) {
        step_values inputs[steps_a_unit<Format>];
        for (std::size_t s = 0; s < steps_a_unit<Format>; ++s) inputs[s] = load_step(x + k + s * lane_count);
        for (std::size_t r = 0; r < Rows; ++r) {
            step_values weights[steps_a_unit<Format>];
            prefetch_ahead(unit + r * row_stride);
            widen(Format(), unit + r * row_stride, weights);
            for (std::size_t s = 0; s < steps_a_unit<Format>; ++s) multiply_add(weights[s], inputs[s], sums[r]);
        }
    }
    if (k < columns) {
        const step_values input = load_step_tail(x + k, columns - k);
        for (std::size_t r = 0; r < Rows; ++r)
            multiply_add(widen_tail(Format(), unit + r * row_stride, columns - k), input, sums[r]);
    }
    for (std::size_t r = 0; r < Rows; ++r) out[r] = sum_lanes(sums[r]);
}

template <class Format>
void matvec(typed_weights<Format> weights, const float* x, float* out) {
    std::size_t r = 0;
    for (; r + 4 <= weights.rows; r += 4)
        matvec_rows<4, Format>(weights.row(r), weights.row_stride, x, weights.columns, out + r);
    for (; r < weights.rows; ++r)
        matvec_rows<1, Format>(weights.row(r), weights.row_stride, x, weights.columns, out + r);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
