// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// weighted_sum with Highway: columns in registers while the rows pass by.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_WEIGHTED_SUM_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_WEIGHTED_SUM_HPP
#undef UNLOOP_BACKEND_HIGHWAY_WEIGHTED_SUM_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_WEIGHTED_SUM_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>
#include <unloop/tensor/view.hpp>

#include <cmath>  // fma

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// out[j] += weights[i] * rows[i][j], four steps of columns at a time held in registers.
template <std::size_t Steps>
HWY_INLINE void weighted_sum_columns(const float* weights, std::size_t n, const float* rows, std::size_t row_stride,
                                     float* out) {
    step_values sums[Steps];
    for (std::size_t s = 0; s < Steps; ++s) sums[s] = load_step(out + s * lane_count);
    for (std::size_t i = 0; i < n; ++i) {
        const lane_vector weight = hn::Set(lane_tag(), weights[i]);
        for (std::size_t s = 0; s < Steps; ++s) {
            const step_values row = load_step(rows + i * row_stride + s * lane_count);
            for (std::size_t v = 0; v < vectors_a_step; ++v)
                sums[s].part[v] = hn::MulAdd(weight, row.part[v], sums[s].part[v]);
        }
    }
    for (std::size_t s = 0; s < Steps; ++s) store_step(sums[s], out + s * lane_count);
}

inline void weighted_sum(const float* weights, const_matrix_view rows, float* out) {
    const std::size_t n = rows.rows(), stride = rows.stride(0), columns = rows.columns();
    std::size_t j = 0;
    for (; j + 4 * lane_count <= columns; j += 4 * lane_count)
        weighted_sum_columns<4>(weights, n, rows.data() + j, stride, out + j);
    for (; j + lane_count <= columns; j += lane_count)
        weighted_sum_columns<1>(weights, n, rows.data() + j, stride, out + j);
    for (std::size_t i = 0; i < n && j < columns; ++i)
        for (std::size_t c = j; c < columns; ++c) out[c] = std::fma(weights[i], rows.data()[i * stride + c], out[c]);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
