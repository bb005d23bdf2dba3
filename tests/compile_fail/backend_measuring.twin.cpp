// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
#include <unloop/kernels/kernel.hpp>

struct my_kernel {};
struct my_backend {
    using claims = unloop::claims<my_kernel>;
    static constexpr bool batch_invariant = true;
};

int main() { unloop::require_batch_invariance<my_backend>(); }
