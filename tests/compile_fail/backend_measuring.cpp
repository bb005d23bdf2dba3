// expect: backend: measuring needs batch_invariant
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
#include <unloop/kernels/kernel.hpp>

struct my_kernel {};
struct my_backend {
    using claims = unloop::claims<my_kernel>;
};

int main() { unloop::require_batch_invariance<my_backend>(); }
