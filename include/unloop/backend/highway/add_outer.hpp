// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// add_outer with Highway: each row gets its multiple of one vector.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_ADD_OUTER_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_ADD_OUTER_HPP
#undef UNLOOP_BACKEND_HIGHWAY_ADD_OUTER_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_ADD_OUTER_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>
#include <unloop/tensor/view.hpp>

#include <cmath>  // fma

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// rows[i][j] += weights[i] * x[j].
inline void add_outer(const float* weights, const float* x, matrix_view rows) {
    const std::size_t columns = rows.columns();
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        float* const row = rows[i].data();
        const lane_vector weight = hn::Set(lane_tag(), weights[i]);
        std::size_t j = 0;
        for (; j + vector_lanes <= columns; j += vector_lanes)
            hn::StoreU(hn::MulAdd(weight, hn::LoadU(lane_tag(), x + j), hn::LoadU(lane_tag(), row + j)), lane_tag(),
                       row + j);
        for (; j < columns; ++j) row[j] = std::fma(weights[i], x[j], row[j]);
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
