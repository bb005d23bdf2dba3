// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// gelu_tanh against its formula, and where it ends.
#include <unloop/kernels/gelu_tanh.hpp>

#include <numbers>  // pi

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

namespace {

long double gelu_tanh_formula(long double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi_v<long double>) * (x + 0.044715L * x * x * x)));
}

}  // namespace

static_assert(activation_kernel<kernels::gelu_tanh_t>);

TEST_CASE("gelu_tanh is its formula, value by value") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        definition::vector values(n, offset, 1);
        const definition::vector before = values;
        kernels::gelu_tanh(plain, values);
        for (std::size_t i = 0; i < n; ++i) {
            const auto x = static_cast<long double>(before[i]);
            close(values[i], gelu_tanh_formula(x), std::abs(x),
                  8);  // 1 + tanh and its like cancel: error relative to x
            REQUIRE(values[i] == kernels::gelu_tanh_t::value(before[i]));
        }
    });
}

TEST_CASE("gelu_tanh is 0 far below, the identity far above, and keeps NaN") {
    CHECK(kernels::gelu_tanh_t::value(0.0F) == 0.0F);
    CHECK(kernels::gelu_tanh_t::value(50.0F) == 50.0F);
    CHECK(kernels::gelu_tanh_t::value(1e30F) == 1e30F);
    CHECK(std::abs(kernels::gelu_tanh_t::value(-200.0F)) < 1e-30F);
    CHECK(std::isnan(kernels::gelu_tanh_t::value(definition::nan)));
}
