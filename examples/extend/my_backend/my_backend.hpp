// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Two backends of one's own: one that replaces nothing yet, and one that replaces a single plain loop.
#ifndef MY_BACKEND_HPP
#define MY_BACKEND_HPP

#include <unloop/kernels/dot.hpp>

#include <numeric>  // inner_product
#include <span>     // vectors

// [nothing]
struct my_first_backend {};
// [/nothing]

// [dot]
struct my_backend {
    using claims = unloop::claims<unloop::kernels::dot_t>;
    static constexpr bool batch_invariant = true;

    float operator()(unloop::kernels::dot_t, std::span<const float> a, std::span<const float> b) const noexcept {
        return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
    }
};
// [/dot]

#endif
