// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// gelu_tanh with Highway, one vector at a time.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_GELU_TANH_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_GELU_TANH_HPP
#undef UNLOOP_BACKEND_HIGHWAY_GELU_TANH_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_GELU_TANH_HPP
#endif

#include <hwy/contrib/math/math-inl.h>
#include <unloop/backend/highway/lanes.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

struct gelu_tanh_step {
    HWY_INLINE lane_vector operator()(lane_vector x) const {
        const lane_tag tag;
        const auto cube = hn::Mul(hn::Mul(x, x), hn::Mul(x, hn::Set(tag, 0.044715F)));
        const auto inner = hn::Mul(hn::Set(tag, 0.7978845608028654F), hn::Add(x, cube));
        return hn::Mul(hn::Mul(hn::Set(tag, 0.5F), x), hn::Add(hn::Set(tag, 1.0F), hn::Tanh(tag, inner)));
    }
};

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
