// expect: backend: a claimed kernel needs a const member operator()(Kernel, arguments of the kernel's plain loop)
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A member that returns nothing where the kernel returns a number.
#include <unloop/kernels/dot.hpp>

#include <span>  // vectors

struct backend {
    using claims = unloop::claims<unloop::kernels::dot_t>;
    void operator()(unloop::kernels::dot_t, std::span<const float>, std::span<const float>) const {}
};

float use(std::span<const float> a) { return unloop::kernels::dot(backend{}, a, a); }
