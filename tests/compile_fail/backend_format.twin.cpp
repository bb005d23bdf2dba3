// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it claims what it has; other formats run plain.
#include <unloop/kernels/matvec.hpp>

#include <span>  // vectors

struct backend {
    using claims = unloop::claims<unloop::kernels::matvec_t, unloop::f32>;
    void operator()(unloop::kernels::matvec_t, unloop::typed_weights<unloop::f32>, std::span<const float>,
                    std::span<float>) const {}
};

void use(const unloop::weight_view& weights, std::span<const float> x, std::span<float> out) {
    unloop::kernels::matvec(backend{}, weights, x, out);
}
