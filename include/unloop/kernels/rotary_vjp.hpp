// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// rotary_vjp: turns the gradient of a turned head back.
#ifndef UNLOOP_KERNELS_ROTARY_VJP_HPP
#define UNLOOP_KERNELS_ROTARY_VJP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/kernels/rotary.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// rotary_vjp(backend, layout, cosine, sine, gradient): the inverse of rotary, (lo, hi) -> (lo cos + hi sin, hi cos -
/// lo sin) for each pair, in place: a rotation's transpose. cosine, sine: [n/2], gradient: [n], n even. O(n).
struct rotary_vjp_t {
    static void plain(rotary_layout layout, std::span<const float> cosine, std::span<const float> sine,
                      std::span<float> gradient) noexcept {
        const bool halves = layout == rotary_layout::halves;
        for (std::size_t i = 0; i < cosine.size(); ++i) {
            float& low = gradient[halves ? i : 2 * i];
            float& high = gradient[halves ? i + cosine.size() : 2 * i + 1];
            const float turned = low * cosine[i] + high * sine[i];
            high = high * cosine[i] - low * sine[i];
            low = turned;
        }
    }
    template <class Backend>
    void operator()(const Backend& backend, rotary_layout layout, std::span<const float> cosine,
                    std::span<const float> sine, std::span<float> gradient) const noexcept {
        expects(cosine.size() == sine.size() && gradient.size() == 2 * cosine.size(), "rotary_vjp: one angle a pair");
        detail::run_kernel<rotary_vjp_t>(backend, layout, cosine, sine, gradient);
    }
};

inline constexpr rotary_vjp_t rotary_vjp{};

}  // namespace unloop::inline v0::kernels

#endif
