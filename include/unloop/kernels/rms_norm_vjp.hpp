// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// rms_norm_vjp: the gradient of a vector from the gradient of its RMS norm.
#ifndef UNLOOP_KERNELS_RMS_NORM_VJP_HPP
#define UNLOOP_KERNELS_RMS_NORM_VJP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cmath>    // sqrt
#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// rms_norm_vjp(backend, x, weight, epsilon, gradient, out): with y = rms_norm(x), s = 1 / sqrt(mean(x^2) + epsilon)
/// and g = gradient (of y) * weight: out[i] = s * (g[i] - x[i] * s^2 * mean(g * x)), the gradient of x. x, gradient,
/// out: [n]; out may be gradient; weight: [n], or empty for a norm without one. The plain loop sums in double. O(n).
struct rms_norm_vjp_t {
    static void plain(std::span<const float> x, std::span<const float> weight, float epsilon,
                      std::span<const float> gradient, std::span<float> out) noexcept {
        double squares = 0, along = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
            along += static_cast<double>(weighted(weight, gradient, i)) * static_cast<double>(x[i]);
        }
        const auto n = static_cast<double>(x.size());
        const double inverse = 1.0 / std::sqrt(squares / n + static_cast<double>(epsilon));
        const auto factor = static_cast<float>(inverse), turn = static_cast<float>(inverse * inverse * along / n);
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = factor * (weighted(weight, gradient, i) - turn * x[i]);
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> x, std::span<const float> weight, float epsilon,
                    std::span<const float> gradient, std::span<float> out) const noexcept {
        expects(x.size() == out.size() && x.size() == gradient.size() && (weight.empty() || weight.size() == x.size()),
                "rms_norm_vjp: x, weight, gradient and out have n elements");
        detail::run_kernel<rms_norm_vjp_t>(backend, x, weight, epsilon, gradient, out);
    }

  private:
    static float weighted(std::span<const float> weight, std::span<const float> gradient, std::size_t i) noexcept {
        return weight.empty() ? gradient[i] : gradient[i] * weight[i];
    }
};

inline constexpr rms_norm_vjp_t rms_norm_vjp{};

}  // namespace unloop::inline v0::kernels

#endif
