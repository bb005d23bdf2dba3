// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// dot against its formula.
#include <unloop/kernels/dot.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("dot is the sum of products") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        const definition::vector a(n, offset, 1), b(n, 3 - offset, 2);
        long double sum = 0, magnitude = 0;
        for (std::size_t k = 0; k < n; ++k) {
            const long double product = static_cast<long double>(a[k]) * static_cast<long double>(b[k]);
            sum += product, magnitude += std::abs(product);
        }
        close(kernels::dot(plain, a, b), sum, std::abs(sum) + 1e-6L * magnitude, 1);
        CHECK(kernels::dot(plain, a, b) == kernels::dot(plain, b, a));
    });
}

TEST_CASE("dot of a vector with itself, of nothing, and of what float32 could not add up") {
    const definition::vector a(17, 1, 3);
    long double squares = 0;
    for (std::size_t k = 0; k < 17; ++k) squares += static_cast<long double>(a[k]) * static_cast<long double>(a[k]);
    close(kernels::dot(plain, a, a), squares, 1);
    CHECK(kernels::dot(plain, std::span<const float>(), std::span<const float>()) == 0);
    const std::vector<float> large{1e8F, 1.0F, -1e8F}, ones(3, 1.0F);
    CHECK(kernels::dot(plain, large, ones) == 1.0F);
    const std::vector<float> spoiled{1.0F, definition::nan}, infinite{definition::infinity, 1.0F};
    CHECK(std::isnan(kernels::dot(plain, spoiled, std::span(ones).first(2))));
    CHECK(kernels::dot(plain, infinite, std::span(ones).first(2)) == definition::infinity);
}
