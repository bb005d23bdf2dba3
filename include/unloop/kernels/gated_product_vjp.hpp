// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// gated_product_vjp: the gradients of gate and up from the gradient of the neurons.
#ifndef UNLOOP_KERNELS_GATED_PRODUCT_VJP_HPP
#define UNLOOP_KERNELS_GATED_PRODUCT_VJP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/activation.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// gated_product_vjp<Activation>(backend, gate, up, gradient, of_gate, of_up): of_gate[j] = gradient[j] * up[j] *
/// slope(gate[j]), of_up[j] = gradient[j] * activation(gate[j]); all [n]; of_up or of_gate may be gradient, neither
/// may be gate or up. O(n).
template <differentiable_activation Activation>
struct gated_product_vjp_t {
    static void plain(std::span<const float> gate, std::span<const float> up, std::span<const float> gradient,
                      std::span<float> of_gate, std::span<float> of_up) noexcept {
        for (std::size_t j = 0; j < gate.size(); ++j) {
            const float g = gradient[j];
            of_gate[j] = g * up[j] * Activation::slope(gate[j]);
            of_up[j] = g * Activation::value(gate[j]);
        }
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> gate, std::span<const float> up,
                    std::span<const float> gradient, std::span<float> of_gate, std::span<float> of_up) const noexcept {
        expects(gate.size() == up.size() && gate.size() == gradient.size() && gate.size() == of_gate.size() &&
                    gate.size() == of_up.size(),
                "gated_product_vjp: all vectors have n elements");
        detail::run_kernel<gated_product_vjp_t>(backend, gate, up, gradient, of_gate, of_up);
    }
};

template <differentiable_activation Activation>
inline constexpr gated_product_vjp_t<Activation> gated_product_vjp{};

}  // namespace unloop::inline v0::kernels

#endif
