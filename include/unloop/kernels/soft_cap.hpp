// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// soft_cap: squeezes values smoothly into (-cap, cap).
#ifndef UNLOOP_KERNELS_SOFT_CAP_HPP
#define UNLOOP_KERNELS_SOFT_CAP_HPP

#include <unloop/kernels/kernel.hpp>

#include <cmath>  // tanh
#include <span>   // vectors

namespace unloop::inline v0::kernels {

/// soft_cap(backend, cap, values): values[i] = cap * tanh(values[i] / cap), in place; values: [n], cap > 0. O(n).
struct soft_cap_t {
    static void plain(float cap, std::span<float> values) noexcept {
        for (float& value : values) value = cap * std::tanh(value / cap);
    }
    template <class Backend>
    void operator()(const Backend& backend, float cap, std::span<float> values) const noexcept {
        detail::run_kernel<soft_cap_t>(backend, cap, values);
    }
};

inline constexpr soft_cap_t soft_cap{};

}  // namespace unloop::inline v0::kernels

#endif
