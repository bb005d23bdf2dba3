// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// dot with Highway: the order of sums that the other kernels keep.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_DOT_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_DOT_HPP
#undef UNLOOP_BACKEND_HIGHWAY_DOT_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_DOT_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

inline float dot(const float* a, const float* b, std::size_t n) {
    step_values sum = zero_step();
    std::size_t k = 0;
    for (; k + lane_count <= n; k += lane_count) multiply_add(load_step(a + k), load_step(b + k), sum);
    if (k < n) multiply_add(load_step_tail(a + k, n - k), load_step_tail(b + k, n - k), sum);
    return sum_lanes(sum);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
