// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// silu: the activation x * sigmoid(x), also called swish.
#ifndef UNLOOP_KERNELS_SILU_HPP
#define UNLOOP_KERNELS_SILU_HPP

#include <unloop/kernels/activation.hpp>

#include <cmath>  // exp

namespace unloop::inline v0::kernels {

/// silu(x) = x / (1 + exp(-x)) (Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", 2018).
struct silu_t : elementwise<silu_t> {
    static float value(float x) noexcept { return x / (1.0F + std::exp(-x)); }
    static float slope(float x) noexcept {
        const float gate = 1.0F / (1.0F + std::exp(-x));
        return gate * (1.0F + x * (1.0F - gate));
    }
};

inline constexpr silu_t silu{};

}  // namespace unloop::inline v0::kernels

#endif
