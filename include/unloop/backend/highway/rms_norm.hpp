// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// rms_norm with Highway.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_RMS_NORM_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_RMS_NORM_HPP
#undef UNLOOP_BACKEND_HIGHWAY_RMS_NORM_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_RMS_NORM_HPP
#endif

#include <unloop/backend/highway/dot.hpp>

#include <cmath>    // sqrt
#include <cstddef>  // size_t

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

inline void rms_norm(const float* x, const float* weight, std::size_t n, float epsilon, float* out) {
    const float inverse = 1.0F / std::sqrt(dot(x, x, n) / static_cast<float>(n) + epsilon);
    const lane_vector factor = hn::Set(lane_tag(), inverse);
    std::size_t i = 0;
    for (; i + vector_lanes <= n; i += vector_lanes) {
        auto value = hn::Mul(hn::LoadU(lane_tag(), x + i), factor);
        if (weight != nullptr) value = hn::Mul(value, hn::LoadU(lane_tag(), weight + i));
        hn::StoreU(value, lane_tag(), out + i);
    }
    for (; i < n; ++i) out[i] = x[i] * inverse * (weight == nullptr ? 1.0F : weight[i]);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
