// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// gated_product with Highway, for an activation of vectors.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_GATED_PRODUCT_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_GATED_PRODUCT_HPP
#undef UNLOOP_BACKEND_HIGHWAY_GATED_PRODUCT_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_GATED_PRODUCT_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>

#include <cstddef>  // size_t
#include <cstring>  // memcpy

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

template <class Activation>
void gated_product(const float* gate, const float* up, std::size_t n, float* out) {
    const Activation activation;
    std::size_t i = 0;
    for (; i + lane_count <= n; i += lane_count) {
        const step_values gates = load_step(gate + i), ups = load_step(up + i);
        step_values product;
        for (std::size_t v = 0; v < vectors_a_step; ++v)
            product.part[v] = hn::Mul(activation(gates.part[v]), ups.part[v]);
        store_step(product, out + i);
    }
    if (i < n) {
        const step_values gates = load_step_tail(gate + i, n - i), ups = load_step_tail(up + i, n - i);
        HWY_ALIGN float padded[lane_count];
        step_values product;
        for (std::size_t v = 0; v < vectors_a_step; ++v)
            product.part[v] = hn::Mul(activation(gates.part[v]), ups.part[v]);
        store_step(product, padded);
        std::memcpy(out + i, padded, (n - i) * sizeof(float));
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
