// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// rms_norm: divides a vector by its root mean square and multiplies by a weight.
#ifndef UNLOOP_KERNELS_RMS_NORM_HPP
#define UNLOOP_KERNELS_RMS_NORM_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cmath>    // sqrt
#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// rms_norm(backend, x, weight, epsilon, out): out[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i] (Zhang, Sennrich,
/// "Root Mean Square Layer Normalization", 2019); the weight multiplies directly, there is no 1 + w. x, out: [n], may
/// be the same; weight: [n], or empty for a norm without one. The plain loop sums in double; mean(x^2) is a float32,
/// and where it overflows out is 0. O(n).
struct rms_norm_t {
    static void plain(std::span<const float> x, std::span<const float> weight, float epsilon,
                      std::span<float> out) noexcept {
        double squares = 0;
        for (float value : x) squares += static_cast<double>(value) * static_cast<double>(value);
        const auto mean = static_cast<float>(squares / static_cast<double>(x.size()));
        const float inverse = 1.0F / std::sqrt(mean + epsilon);
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * inverse * (weight.empty() ? 1.0F : weight[i]);
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> x, std::span<const float> weight, float epsilon,
                    std::span<float> out) const noexcept {
        expects(x.size() == out.size() && (weight.empty() || weight.size() == x.size()),
                "rms_norm: x, weight and out have n elements");
        detail::run_kernel<rms_norm_t>(backend, x, weight, epsilon, out);
    }
};

inline constexpr rms_norm_t rms_norm{};

}  // namespace unloop::inline v0::kernels

#endif
