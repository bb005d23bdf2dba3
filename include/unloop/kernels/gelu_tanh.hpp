// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// gelu_tanh: the tanh approximation of the Gaussian error linear unit.
#ifndef UNLOOP_KERNELS_GELU_TANH_HPP
#define UNLOOP_KERNELS_GELU_TANH_HPP

#include <unloop/kernels/activation.hpp>

#include <cmath>  // tanh

namespace unloop::inline v0::kernels {

/// gelu_tanh(x) = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks, Gimpel, 2016, section 2). Not the erf form:
/// the two differ by up to 5e-4.
struct gelu_tanh_t : elementwise<gelu_tanh_t> {
    static float value(float x) noexcept {
        constexpr float root_2_over_pi = 0.7978845608028654F;
        return 0.5F * x * (1.0F + std::tanh(root_2_over_pi * (x + 0.044715F * x * x * x)));
    }
    static float slope(float x) noexcept {
        constexpr float root_2_over_pi = 0.7978845608028654F;
        const float bent = std::tanh(root_2_over_pi * (x + 0.044715F * x * x * x));
        const float inner = root_2_over_pi * (1.0F + 3.0F * 0.044715F * x * x);
        return 0.5F * (1.0F + bent) + 0.5F * x * (1.0F - bent) * (1.0F + bent) * inner;
    }
};

inline constexpr gelu_tanh_t gelu_tanh{};

}  // namespace unloop::inline v0::kernels

#endif
