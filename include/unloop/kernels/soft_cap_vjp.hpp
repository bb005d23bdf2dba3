// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// soft_cap_vjp: the gradient of values from the gradient of what the soft-cap made of them.
#ifndef UNLOOP_KERNELS_SOFT_CAP_VJP_HPP
#define UNLOOP_KERNELS_SOFT_CAP_VJP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// soft_cap_vjp(backend, cap, capped, gradient): gradient[i] *= 1 - (capped[i] / cap)^2, in place; capped: [n], what
/// soft_cap gave, gradient: [n], cap > 0. O(n).
struct soft_cap_vjp_t {
    static void plain(float cap, std::span<const float> capped, std::span<float> gradient) noexcept {
        for (std::size_t i = 0; i < capped.size(); ++i) {
            const float share = capped[i] / cap;
            gradient[i] *= (1.0F - share) * (1.0F + share);
        }
    }
    template <class Backend>
    void operator()(const Backend& backend, float cap, std::span<const float> capped,
                    std::span<float> gradient) const noexcept {
        expects(capped.size() == gradient.size(), "soft_cap_vjp: capped and gradient have n elements");
        detail::run_kernel<soft_cap_vjp_t>(backend, cap, capped, gradient);
    }
};

inline constexpr soft_cap_vjp_t soft_cap_vjp{};

}  // namespace unloop::inline v0::kernels

#endif
