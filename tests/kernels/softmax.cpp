// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// softmax against its formula, with masked and spoiled entries.
#include <unloop/kernels/softmax.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("softmax is exp(x) over the sum of exp") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        definition::vector values(n, offset, 1);
        long double sum = 0, total = 0;
        for (float value : values.values()) sum += std::exp(static_cast<long double>(value));
        const definition::vector before = values;
        kernels::softmax(plain, values);
        for (std::size_t i = 0; i < n; ++i) {
            close(values[i], std::exp(static_cast<long double>(before[i])) / sum, 12);
            total += static_cast<long double>(values[i]);
        }
        if (n > 0) close(static_cast<float>(total), 1, 4);
    });
}

TEST_CASE("softmax does not change when all scores move, and does not overflow") {
    std::vector<float> low{1.0F, 2.0F, 3.0F}, high{1025.0F, 1026.0F, 1027.0F};
    kernels::softmax(plain, low), kernels::softmax(plain, high);
    CHECK(low == high);
}

TEST_CASE("masked entries of softmax are 0; without a number left, or with a spoiled one, the result is NaN") {
    using definition::infinity;
    std::vector<float> masked{-infinity, 1.0F, -infinity, 1.0F};
    kernels::softmax(plain, masked);
    CHECK(masked == std::vector<float>{0.0F, 0.5F, 0.0F, 0.5F});
    std::vector<float> all_masked(3, -infinity), spoiled{1.0F, 2.0F, definition::nan}, infinite{1.0F, infinity};
    kernels::softmax(plain, all_masked), kernels::softmax(plain, spoiled), kernels::softmax(plain, infinite);
    for (float value : all_masked) CHECK(std::isnan(value));
    for (float value : spoiled) CHECK(std::isnan(value));
    CHECK(std::isnan(infinite[1]));
}
