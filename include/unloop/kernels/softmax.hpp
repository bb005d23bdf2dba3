// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// softmax: turns scores into weights that sum to one.
#ifndef UNLOOP_KERNELS_SOFTMAX_HPP
#define UNLOOP_KERNELS_SOFTMAX_HPP

#include <unloop/kernels/argmax.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cmath>  // exp
#include <span>   // vectors

namespace unloop::inline v0::kernels {

/// softmax(backend, values): values[i] = exp(values[i] - max) / sum of exp, in place; values: [n], n may be 0. Entries
/// of minus infinity become 0, unless all are: then, and when one is NaN or plus infinity, the result is NaN. The plain
/// loop sums in double. O(n).
struct softmax_t {
    static void plain(std::span<float> values) noexcept {
        if (values.empty()) return;
        const float largest = values[argmax_t::plain(values)];
        double sum = 0;
        for (float& value : values) sum += static_cast<double>(value = std::exp(value - largest));
        const auto inverse = static_cast<float>(1.0 / sum);
        for (float& value : values) value *= inverse;
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<float> values) const noexcept {
        detail::run_kernel<softmax_t>(backend, values);
    }
};

inline constexpr softmax_t softmax{};

}  // namespace unloop::inline v0::kernels

#endif
