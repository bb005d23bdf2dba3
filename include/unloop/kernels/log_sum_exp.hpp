// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// log_sum_exp: the logarithm of the sum of exponentials; the normaliser of log-probabilities.
#ifndef UNLOOP_KERNELS_LOG_SUM_EXP_HPP
#define UNLOOP_KERNELS_LOG_SUM_EXP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/argmax.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cmath>  // exp, log
#include <span>   // vectors

namespace unloop::inline v0::kernels {

/// log_sum_exp(backend, values) = log(sum over i of exp(values[i])), computed from the largest value up; values: [n],
/// n > 0; entries of minus infinity count nothing. The plain loop sums in double. O(n).
struct log_sum_exp_t {
    static float plain(std::span<const float> values) noexcept {
        const float largest = values[argmax_t::plain(values)];
        double sum = 0;
        for (float value : values) sum += static_cast<double>(std::exp(value - largest));
        return largest + static_cast<float>(std::log(sum));
    }
    template <class Backend>
    float operator()(const Backend& backend, std::span<const float> values) const noexcept {
        expects(!values.empty(), "log_sum_exp: there is at least one value");
        return detail::run_kernel<log_sum_exp_t>(backend, values);
    }
};

inline constexpr log_sum_exp_t log_sum_exp{};

}  // namespace unloop::inline v0::kernels

#endif
