// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it returns a number.
#include <unloop/kernels/dot.hpp>

#include <span>  // vectors

struct backend {
    using claims = unloop::claims<unloop::kernels::dot_t>;
    double operator()(unloop::kernels::dot_t, std::span<const float>, std::span<const float>) const { return 0; }
};

float use(std::span<const float> a) { return unloop::kernels::dot(backend{}, a, a); }
