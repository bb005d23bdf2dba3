// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// gated_product: the neurons of a gated MLP, activation(gate) times up.
#ifndef UNLOOP_KERNELS_GATED_PRODUCT_HPP
#define UNLOOP_KERNELS_GATED_PRODUCT_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/activation.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// gated_product<Activation>(backend, gate, up, out): out[j] = activation(gate[j]) * up[j] (Shazeer, "GLU variants
/// improve transformer", 2020); gate, up, out: [n], out may be gate or up. O(n).
template <activation_kernel Activation>
struct gated_product_t {
    static void plain(std::span<const float> gate, std::span<const float> up, std::span<float> out) noexcept {
        for (std::size_t j = 0; j < out.size(); ++j) out[j] = Activation::value(gate[j]) * up[j];
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        expects(gate.size() == out.size() && up.size() == out.size(),
                "gated_product: gate, up and out have n elements");
        detail::run_kernel<gated_product_t>(backend, gate, up, out);
    }
};

template <activation_kernel Activation>
inline constexpr gated_product_t<Activation> gated_product{};

}  // namespace unloop::inline v0::kernels

#endif
