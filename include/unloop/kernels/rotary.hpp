// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// rotary: turns the pairs of a head's channels by an angle that grows with the position.
#ifndef UNLOOP_KERNELS_ROTARY_HPP
#define UNLOOP_KERNELS_ROTARY_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // uint8_t
#include <span>     // vectors

namespace unloop::inline v0 {

/// Which channels form a pair. Files differ in it, and nothing is permuted at load.
enum class rotary_layout : std::uint8_t {
    halves,       ///< pair i is (i, i + n/2): Hugging Face, GGUF of most families
    interleaved,  ///< pair i is (2i, 2i + 1): GGUF of architecture llama
};

namespace kernels {

/// rotary(backend, layout, cosine, sine, head): (lo, hi) -> (lo cos - hi sin, hi cos + lo sin) for each pair, in place
/// (Su et al., "RoFormer", 2021, equation 34); cosine, sine: [n/2], head: [n], n even. O(n).
struct rotary_t {
    static void plain(rotary_layout layout, std::span<const float> cosine, std::span<const float> sine,
                      std::span<float> head) noexcept {
        const bool halves = layout == rotary_layout::halves;
        for (std::size_t i = 0; i < cosine.size(); ++i) {
            float& low = head[halves ? i : 2 * i];
            float& high = head[halves ? i + cosine.size() : 2 * i + 1];
            const float turned = low * cosine[i] - high * sine[i];
            high = high * cosine[i] + low * sine[i];
            low = turned;
        }
    }
    template <class Backend>
    void operator()(const Backend& backend, rotary_layout layout, std::span<const float> cosine,
                    std::span<const float> sine, std::span<float> head) const noexcept {
        expects(cosine.size() == sine.size() && head.size() == 2 * cosine.size(), "rotary: one angle a pair");
        detail::run_kernel<rotary_t>(backend, layout, cosine, sine, head);
    }
};

inline constexpr rotary_t rotary{};

}  // namespace kernels
}  // namespace unloop::inline v0

#endif
