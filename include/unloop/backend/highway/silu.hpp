// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// silu with Highway, one vector at a time.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_SILU_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_SILU_HPP
#undef UNLOOP_BACKEND_HIGHWAY_SILU_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_SILU_HPP
#endif

#include <hwy/contrib/math/math-inl.h>
#include <unloop/backend/highway/lanes.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

struct silu_step {
    HWY_INLINE lane_vector operator()(lane_vector x) const {
        const lane_tag tag;
        const auto exponent = hn::Min(hn::Neg(x), hn::Set(tag, 88.0F));  // exp must not overflow: x / e^88 is 0 enough
        return hn::Div(x, hn::Add(hn::Set(tag, 1.0F), hn::Exp(tag, exponent)));
    }
};

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
