// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// exp_sum against its formula, and its tiles against a whole softmax.
#include <unloop/kernels/exp_sum.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("exp_sum replaces values by exponentials and returns their sum") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        for (const float shift : {0.0F, 4.0F, -2.5F}) {
            definition::vector values(n, offset, 1);
            const definition::vector before = values;
            const float sum = kernels::exp_sum(plain, shift, values);
            long double expected = 0;
            for (std::size_t i = 0; i < n; ++i) {
                const long double term =
                    std::exp(static_cast<long double>(before[i]) - static_cast<long double>(shift));
                expected += term;
                close(values[i], term, 12);
            }
            close(sum, expected, 12);
        }
    });
}

TEST_CASE("masked scores add nothing") {
    std::vector<float> values{-definition::infinity, 0.0F, -definition::infinity};
    CHECK(kernels::exp_sum(plain, 0.0F, values) == 1.0F);
    CHECK(values == std::vector<float>{0.0F, 1.0F, 0.0F});
}

TEST_CASE("a NaN stays where it is and makes the sum NaN") {
    std::vector<float> values{1.0F, definition::nan, 1.0F};
    CHECK(std::isnan(kernels::exp_sum(plain, 1.0F, values)));
    CHECK(values[0] == 1.0F);
    CHECK(std::isnan(values[1]));
    CHECK(values[2] == 1.0F);
}
