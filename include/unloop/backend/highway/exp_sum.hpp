// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// exp_sum with Highway, and what softmax and log_sum_exp share with it.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_EXP_SUM_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_EXP_SUM_HPP
#undef UNLOOP_BACKEND_HIGHWAY_EXP_SUM_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_EXP_SUM_HPP
#endif

#include <hwy/contrib/math/math-inl.h>
#include <unloop/backend/highway/lanes.hpp>

#include <cstring>  // memcpy

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// Lane sums of exp(values - shift); stores the exponentials to `out` unless it is null.
HWY_INLINE float exponentials(const float* values, std::size_t n, float shift, float* out) {
    const lane_tag tag;
    const lane_vector offset = hn::Set(tag, shift);
    step_values sum = zero_step();
    for (std::size_t i = 0; i < n; i += lane_count) {
        const std::size_t count = n - i < lane_count ? n - i : lane_count;
        step_values step = count == lane_count ? load_step(values + i) : load_step_tail(values + i, count);
        HWY_ALIGN float padded[lane_count] = {};
        for (std::size_t v = 0; v < vectors_a_step; ++v) {
            const lane_vector exponent = hn::Sub(step.part[v], offset);  // hn::Exp makes 0 of NaN
            step.part[v] = hn::IfThenElse(hn::IsNaN(exponent), exponent, hn::Exp(tag, exponent));
            if (count == lane_count) sum.part[v] = hn::Add(sum.part[v], step.part[v]);
        }
        if (count < lane_count) {  // lanes behind the end hold exp(0 - shift): cut them off before they are summed
            store_step(step, padded);
            step = load_step_tail(padded, count);
            for (std::size_t v = 0; v < vectors_a_step; ++v) sum.part[v] = hn::Add(sum.part[v], step.part[v]);
        }
        if (out != nullptr && count == lane_count) store_step(step, out + i);
        if (out != nullptr && count < lane_count) std::memcpy(out + i, padded, count * sizeof(float));
    }
    return sum_lanes(sum);
}

inline float exp_sum(float shift, float* values, std::size_t n) { return exponentials(values, n, shift, values); }

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
