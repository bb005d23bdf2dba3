// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// exp_sum: exponentials in place and their sum; one tile of a softmax that is computed on the way.
#ifndef UNLOOP_KERNELS_EXP_SUM_HPP
#define UNLOOP_KERNELS_EXP_SUM_HPP

#include <unloop/kernels/kernel.hpp>

#include <cmath>  // exp
#include <span>   // vectors

namespace unloop::inline v0::kernels {

/// exp_sum(backend, shift, values): values[i] = exp(values[i] - shift), in place, and their sum; values: [n], n may be
/// 0. With shift the largest score so far, tiles of a softmax can be added up (Milakov, Gimelshein, "Online normalizer
/// calculation for softmax", 2018). A NaN stays NaN and makes the sum NaN; what is above shift + 88 overflows. The
/// plain loop sums in double. O(n).
struct exp_sum_t {
    static float plain(float shift, std::span<float> values) noexcept {
        double sum = 0;
        for (float& value : values) sum += static_cast<double>(value = std::exp(value - shift));
        return static_cast<float>(sum);
    }
    template <class Backend>
    float operator()(const Backend& backend, float shift, std::span<float> values) const noexcept {
        return detail::run_kernel<exp_sum_t>(backend, shift, values);
    }
};

inline constexpr exp_sum_t exp_sum{};

}  // namespace unloop::inline v0::kernels

#endif
