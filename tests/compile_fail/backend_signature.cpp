// expect: backend: a claimed kernel needs a const member operator()(Kernel, arguments of the kernel's plain loop)
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A member that takes writable vectors is never what a claim means.
#include <unloop/kernels/dot.hpp>

#include <span>  // vectors

struct backend {
    using claims = unloop::claims<unloop::kernels::dot_t>;
    float operator()(unloop::kernels::dot_t, std::span<float>, std::span<float>) const { return 0; }
};

float use(std::span<const float> a) { return unloop::kernels::dot(backend{}, a, a); }
