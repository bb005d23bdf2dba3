// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What activations share: a formula for one value becomes a kernel over a vector.
#ifndef UNLOOP_KERNELS_ACTIVATION_HPP
#define UNLOOP_KERNELS_ACTIVATION_HPP

#include <unloop/kernels/kernel.hpp>

#include <concepts>  // convertible_to
#include <span>      // vectors

namespace unloop::inline v0 {

/// A kernel that replaces each value by a function of it, and names that function as `value(x)`.
template <class Kernel>
concept activation_kernel = requires(float x) {
    { Kernel::value(x) } -> std::convertible_to<float>;
};

/// An activation that also names its derivative, as `slope(x)`: what a backward pass needs.
template <class Kernel>
concept differentiable_activation = activation_kernel<Kernel> && requires(float x) {
    { Kernel::slope(x) } -> std::convertible_to<float>;
};

namespace kernels {

/// activation(backend, values): values[i] = Activation::value(values[i]), in place; values: [n]. O(n).
template <class Activation>
struct elementwise {
    static void plain(std::span<float> values) noexcept {
        for (float& x : values) x = Activation::value(x);
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<float> values) const noexcept {
        detail::run_kernel<Activation>(backend, values);
    }
};

}  // namespace kernels
}  // namespace unloop::inline v0

#endif
