// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// softmax_vjp: the gradient of scores from the gradient of their softmax.
#ifndef UNLOOP_KERNELS_SOFTMAX_VJP_HPP
#define UNLOOP_KERNELS_SOFTMAX_VJP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// softmax_vjp(backend, weights, gradient): gradient[i] = weights[i] * (gradient[i] - sum over k of weights[k] *
/// gradient[k]), in place; weights: [n], what softmax gave, gradient: [n], not aliasing weights. The plain loop sums in
/// double. O(n).
struct softmax_vjp_t {
    static void plain(std::span<const float> weights, std::span<float> gradient) noexcept {
        double mean = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
            mean += static_cast<double>(weights[i]) * static_cast<double>(gradient[i]);
        for (std::size_t i = 0; i < weights.size(); ++i)
            gradient[i] = weights[i] * (gradient[i] - static_cast<float>(mean));
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> weights, std::span<float> gradient) const noexcept {
        expects(weights.size() == gradient.size(), "softmax_vjp: weights and gradient have n elements");
        detail::run_kernel<softmax_vjp_t>(backend, weights, gradient);
    }
};

inline constexpr softmax_vjp_t softmax_vjp{};

}  // namespace unloop::inline v0::kernels

#endif
