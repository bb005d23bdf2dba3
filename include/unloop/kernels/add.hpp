// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// add: accumulates one vector into another; the residual connection.
#ifndef UNLOOP_KERNELS_ADD_HPP
#define UNLOOP_KERNELS_ADD_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// add(backend, x, out): out[i] += x[i]; both [n]; x may be out itself. O(n).
struct add_t {
    static void plain(std::span<const float> x, std::span<float> out) noexcept {
        for (std::size_t i = 0; i < x.size(); ++i) out[i] += x[i];
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> x, std::span<float> out) const noexcept {
        expects(x.size() == out.size(), "add: both vectors have n elements");
        detail::run_kernel<add_t>(backend, x, out);
    }
};

inline constexpr add_t add{};

}  // namespace unloop::inline v0::kernels

#endif
