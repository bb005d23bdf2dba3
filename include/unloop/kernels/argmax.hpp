// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// argmax: the index of the largest value.
#ifndef UNLOOP_KERNELS_ARGMAX_HPP
#define UNLOOP_KERNELS_ARGMAX_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// argmax(backend, values): the index of the largest of values: [n], n > 0; ties go to the lower index and a NaN never
/// wins against a number. O(n).
struct argmax_t {
    static std::size_t plain(std::span<const float> values) noexcept {
        std::size_t best = 0;
        for (std::size_t i = 1; i < values.size(); ++i)
            if (values[i] > values[best] || (values[best] != values[best] && values[i] == values[i])) best = i;
        return best;
    }
    template <class Backend>
    std::size_t operator()(const Backend& backend, std::span<const float> values) const noexcept {
        expects(!values.empty(), "argmax: there is at least one value");
        return detail::run_kernel<argmax_t>(backend, values);
    }
};

inline constexpr argmax_t argmax{};

}  // namespace unloop::inline v0::kernels

#endif
