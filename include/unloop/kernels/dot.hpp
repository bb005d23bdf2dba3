// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// dot: the inner product of two vectors.
#ifndef UNLOOP_KERNELS_DOT_HPP
#define UNLOOP_KERNELS_DOT_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// dot(backend, a, b) = sum over k of a[k] * b[k]; a, b: [n], may alias. The plain loop sums in double, where a product
/// of two floats is exact, so that it can judge the others. O(n).
struct dot_t {
    static float plain(std::span<const float> a, std::span<const float> b) noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < a.size(); ++k) sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
        return static_cast<float>(sum);
    }
    template <class Backend>
    float operator()(const Backend& backend, std::span<const float> a, std::span<const float> b) const noexcept {
        expects(a.size() == b.size(), "dot: both vectors have n elements");
        return detail::run_kernel<dot_t>(backend, a, b);
    }
};

inline constexpr dot_t dot{};

}  // namespace unloop::inline v0::kernels

#endif
