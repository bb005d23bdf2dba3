// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// top_k: the indices of the k largest values, best first.
#ifndef UNLOOP_KERNELS_TOP_K_HPP
#define UNLOOP_KERNELS_TOP_K_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// top_k(backend, values, out): fills out: [k] with the indices of the k largest of values: [n], k <= n, best first;
/// ties go to the lower index. Values must not be NaN. O(n k) at worst, O(n + k^2 log n) on values in random order.
struct top_k_t {
    static void plain(std::span<const float> values, std::span<std::int32_t> out) noexcept {
        std::size_t filled = 0;
        for (std::size_t i = 0; i < values.size() && !out.empty(); ++i) {
            if (filled == out.size() && !(values[i] > values[static_cast<std::size_t>(out[filled - 1])])) continue;
            std::size_t place = filled < out.size() ? filled++ : filled - 1;
            for (; place > 0 && values[i] > values[static_cast<std::size_t>(out[place - 1])]; --place)
                out[place] = out[place - 1];
            out[place] = static_cast<std::int32_t>(i);
        }
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> values, std::span<std::int32_t> out) const noexcept {
        expects(out.size() <= values.size(), "top_k: k is at most n");
        detail::run_kernel<top_k_t>(backend, values, out);
    }
};

inline constexpr top_k_t top_k{};

}  // namespace unloop::inline v0::kernels

#endif
