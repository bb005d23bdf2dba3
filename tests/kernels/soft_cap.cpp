// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// soft_cap against its formula.
#include <unloop/kernels/soft_cap.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("soft_cap is cap tanh(x / cap)") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        for (const float cap : {0.5F, 30.0F}) {
            definition::vector values(n, offset, 1);
            const definition::vector before = values;
            kernels::soft_cap(plain, cap, values);
            for (std::size_t i = 0; i < n; ++i) {
                const auto wide = static_cast<long double>(cap);
                close(values[i], wide * std::tanh(static_cast<long double>(before[i]) / wide), 8);
                REQUIRE(std::abs(values[i]) <= cap);
            }
        }
    });
}

TEST_CASE("soft_cap ends at the cap, and keeps the order of what is below it") {
    std::vector<float> values{-definition::infinity, -1e30F, -1.0F, 0.0F, 1.0F, 2.0F, 1e30F, definition::infinity};
    kernels::soft_cap(plain, 30.0F, values);
    CHECK(values.front() == -30.0F);
    CHECK(values.back() == 30.0F);
    for (std::size_t i = 1; i < values.size(); ++i) CHECK(values[i - 1] <= values[i]);
    CHECK(values[3] == 0.0F);
}
