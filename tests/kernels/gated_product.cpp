// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// gated_product against its formula, with out in place of gate or up.
#include <unloop/kernels/gated_product.hpp>

#include <unloop/kernels/gelu_tanh.hpp>
#include <unloop/kernels/silu.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

namespace {

template <class Activation>
void check_gated() {
    constexpr auto gated = kernels::gated_product<Activation>;
    definition::for_each_length(0, [&](std::size_t n, std::size_t offset) {
        const definition::vector gate(n, offset, 1), up(n, 3 - offset, 2);
        std::vector<float> out(n);
        gated(plain, gate, up, out);
        for (std::size_t j = 0; j < n; ++j) REQUIRE(out[j] == Activation::value(gate[j]) * up[j]);
        definition::vector over_gate = gate, over_up = up;
        gated(plain, over_gate, up, over_gate);
        gated(plain, gate, over_up, over_up);
        for (std::size_t j = 0; j < n; ++j) {
            REQUIRE(over_gate[j] == out[j]);
            REQUIRE(over_up[j] == out[j]);
        }
    });
}

}  // namespace

TEST_CASE("a gated product is activation(gate) times up, in place too") {
    check_gated<kernels::silu_t>();
    check_gated<kernels::gelu_tanh_t>();
}
