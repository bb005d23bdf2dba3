// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// argmax with Highway: the largest value, then the first place where it stands.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_ARGMAX_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_ARGMAX_HPP
#undef UNLOOP_BACKEND_HIGHWAY_ARGMAX_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_ARGMAX_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>

#include <limits>  // infinity

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// NaN is passed over: it is above nothing.
HWY_INLINE float largest_number(const float* values, std::size_t n) {
    lane_vector best = hn::Set(lane_tag(), -std::numeric_limits<float>::infinity());
    std::size_t i = 0;
    for (; i + vector_lanes <= n; i += vector_lanes) {
        const lane_vector here = hn::LoadU(lane_tag(), values + i);
        best = hn::IfThenElse(hn::Gt(here, best), here, best);
    }
    float largest = hn::GetLane(hn::MaxOfLanes(lane_tag(), best));
    for (; i < n; ++i) largest = values[i] > largest ? values[i] : largest;
    return largest;
}

/// 0 where there is no number.
inline std::size_t argmax(const float* values, std::size_t n) {
    const float largest = largest_number(values, n);
    const lane_vector wanted = hn::Set(lane_tag(), largest);
    std::size_t i = 0;
    for (; i + vector_lanes <= n; i += vector_lanes) {
        const auto found = hn::FindFirstTrue(lane_tag(), hn::Eq(hn::LoadU(lane_tag(), values + i), wanted));
        if (found >= 0) return i + static_cast<std::size_t>(found);
    }
    for (; i < n; ++i)
        if (values[i] == largest) return i;
    return 0;
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
