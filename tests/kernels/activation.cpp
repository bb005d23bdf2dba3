// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// An own activation becomes a kernel over vectors by naming its formula.
#include <unloop/kernels/activation.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

namespace {

struct squared_relu_t : kernels::elementwise<squared_relu_t> {
    static float value(float x) noexcept { return x > 0 ? x * x : 0.0F; }
};

/// Replaces the kernel by something recognisable.
struct negating {
    using claims = unloop::claims<squared_relu_t>;
    void operator()(squared_relu_t, std::span<float> values) const noexcept {
        for (float& value : values) value = -value;
    }
};

struct no_value {};
static_assert(activation_kernel<squared_relu_t>);
static_assert(!activation_kernel<no_value>);

}  // namespace

TEST_CASE("an own activation is a kernel, with a plain loop and a place for backends") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        definition::vector values(n, offset, 1), claimed = values;
        const definition::vector before = values;
        squared_relu_t{}(plain, values), squared_relu_t{}(negating{}, claimed);
        for (std::size_t i = 0; i < n; ++i) {
            REQUIRE(values[i] == (before[i] > 0 ? before[i] * before[i] : 0));
            REQUIRE(claimed[i] == -before[i]);
        }
    });
}
