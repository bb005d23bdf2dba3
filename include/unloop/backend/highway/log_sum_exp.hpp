// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// log_sum_exp with Highway.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_LOG_SUM_EXP_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_LOG_SUM_EXP_HPP
#undef UNLOOP_BACKEND_HIGHWAY_LOG_SUM_EXP_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_LOG_SUM_EXP_HPP
#endif

#include <unloop/backend/highway/argmax.hpp>
#include <unloop/backend/highway/exp_sum.hpp>

#include <cmath>    // log
#include <cstddef>  // size_t

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

inline float log_sum_exp(const float* values, std::size_t n) {
    const float largest = values[argmax(values, n)];
    return largest + std::log(exponentials(values, n, largest, nullptr));
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
