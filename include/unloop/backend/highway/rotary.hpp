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

/// Pairs from `i` on, one a lane, as many as fill vectors of `tag`.
template <class Tag>
HWY_INLINE void turn_pairs(Tag tag, rotary_layout layout, const float* cosine, const float* sine, std::size_t pairs,
                           float* head, std::size_t& i) {
    const bool halves = layout == rotary_layout::halves;
    for (; i + hn::Lanes(tag) <= pairs; i += hn::Lanes(tag)) {
        hn::Vec<Tag> low, high;
        if (halves)
            low = hn::LoadU(tag, head + i), high = hn::LoadU(tag, head + pairs + i);
        else
            hn::LoadInterleaved2(tag, head + 2 * i, low, high);
        const auto cos = hn::LoadU(tag, cosine + i), sin = hn::LoadU(tag, sine + i);
        const auto turned_low = hn::Sub(hn::Mul(low, cos), hn::Mul(high, sin));
        const auto turned_high = hn::Add(hn::Mul(high, cos), hn::Mul(low, sin));
        if (halves)
            hn::StoreU(turned_low, tag, head + i), hn::StoreU(turned_high, tag, head + pairs + i);
        else
            hn::StoreInterleaved2(turned_low, turned_high, tag, head + 2 * i);
    }
}

inline void rotary(rotary_layout layout, const float* cosine, const float* sine, std::size_t pairs, float* head) {
    std::size_t i = 0;
    turn_pairs(lane_tag(), layout, cosine, sine, pairs, head, i);
    turn_pairs(hn::CappedTag<float, 1>(), layout, cosine, sine, pairs, head, i);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
