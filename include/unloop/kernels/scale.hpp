// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// scale: multiplies a vector by a number.
#ifndef UNLOOP_KERNELS_SCALE_HPP
#define UNLOOP_KERNELS_SCALE_HPP

#include <unloop/kernels/kernel.hpp>

#include <span>  // vectors

namespace unloop::inline v0::kernels {

/// scale(backend, factor, out): out[i] *= factor; out: [n]. O(n).
struct scale_t {
    static void plain(float factor, std::span<float> out) noexcept {
        for (float& value : out) value *= factor;
    }
    template <class Backend>
    void operator()(const Backend& backend, float factor, std::span<float> out) const noexcept {
        detail::run_kernel<scale_t>(backend, factor, out);
    }
};

inline constexpr scale_t scale{};

}  // namespace unloop::inline v0::kernels

#endif
