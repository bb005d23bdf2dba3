// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// log_sum_exp against its formula.
#include <unloop/kernels/log_sum_exp.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("log_sum_exp is the logarithm of the sum of exponentials") {
    definition::for_each_length(1, [](std::size_t n, std::size_t offset) {
        const definition::vector values(n, offset, 1);
        long double sum = 0;
        for (float value : values.values()) sum += std::exp(static_cast<long double>(value));
        close(kernels::log_sum_exp(plain, values), std::log(sum), std::abs(std::log(sum)) + 4, 4);
    });
}

TEST_CASE("log_sum_exp: large scores do not overflow, masked ones count nothing") {
    const std::vector<float> large{10000.0F, 10000.0F}, masked{-definition::infinity, 3.0F, -definition::infinity};
    close(kernels::log_sum_exp(plain, large), 10000 + std::log(2.0L), 1);
    CHECK(kernels::log_sum_exp(plain, masked) == 3.0F);
    const std::vector<float> one{-7.25F}, spoiled{1.0F, definition::nan};
    CHECK(kernels::log_sum_exp(plain, one) == -7.25F);
    CHECK(std::isnan(kernels::log_sum_exp(plain, spoiled)));
}
