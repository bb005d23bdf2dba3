// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// rotary with Highway: the roundings of the plain loop.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_ROTARY_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_ROTARY_HPP
#undef UNLOOP_BACKEND_HIGHWAY_ROTARY_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_ROTARY_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>
#include <unloop/kernels/rotary.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// One pair a lane.
HWY_INLINE void turn_pairs(const float* cosine, const float* sine, lane_vector& low, lane_vector& high) {
    const lane_vector cos = hn::LoadU(lane_tag(), cosine), sin = hn::LoadU(lane_tag(), sine);
    const lane_vector turned = hn::Sub(hn::Mul(low, cos), hn::Mul(high, sin));
    high = hn::Add(hn::Mul(high, cos), hn::Mul(low, sin));
    low = turned;
}

inline void rotary(rotary_layout layout, const float* cosine, const float* sine, std::size_t pairs, float* head) {
    const std::size_t whole = pairs / vector_lanes * vector_lanes;
    lane_vector low, high;
    if (layout == rotary_layout::halves) {
        for (std::size_t i = 0; i < whole; i += vector_lanes) {
            low = hn::LoadU(lane_tag(), head + i), high = hn::LoadU(lane_tag(), head + pairs + i);
            turn_pairs(cosine + i, sine + i, low, high);
            hn::StoreU(low, lane_tag(), head + i), hn::StoreU(high, lane_tag(), head + pairs + i);
        }
    } else {
        for (std::size_t i = 0; i < whole; i += vector_lanes) {
            hn::LoadInterleaved2(lane_tag(), head + 2 * i, low, high);
            turn_pairs(cosine + i, sine + i, low, high);
            hn::StoreInterleaved2(low, high, lane_tag(), head + 2 * i);
        }
    }
    for (std::size_t i = whole; i < pairs; ++i) {
        float& a = head[layout == rotary_layout::halves ? i : 2 * i];
        float& b = head[layout == rotary_layout::halves ? pairs + i : 2 * i + 1];
        const float turned = a * cosine[i] - b * sine[i];
        b = b * cosine[i] + a * sine[i];
        a = turned;
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
