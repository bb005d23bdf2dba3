// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// softmax with Highway.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_SOFTMAX_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_SOFTMAX_HPP
#undef UNLOOP_BACKEND_HIGHWAY_SOFTMAX_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_SOFTMAX_HPP
#endif

#include <unloop/backend/highway/argmax.hpp>
#include <unloop/backend/highway/exp_sum.hpp>

#include <cstddef>  // size_t

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

inline void softmax(float* values, std::size_t n) {
    if (n == 0) return;
    const float sum = exponentials(values, n, values[argmax(values, n)], values);
    const float inverse = 1.0F / sum;
    for (std::size_t i = 0; i < n; ++i) values[i] *= inverse;
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
