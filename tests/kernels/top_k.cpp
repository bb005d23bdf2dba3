// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// top_k against a stable sort.
#include <unloop/kernels/top_k.hpp>

#include <algorithm>  // stable_sort
#include <numeric>    // iota

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("top_k is the beginning of a stable sort, whatever k") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        for (const bool ties : {false, true}) {
            definition::vector values(n, offset, 1);
            if (ties)
                for (float& value : values.values()) value = std::round(value / 2);
            std::vector<std::int32_t> order(n);
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
                return values[static_cast<std::size_t>(a)] > values[static_cast<std::size_t>(b)];
            });
            for (std::size_t k = 0; k <= n; ++k) {
                std::vector<std::int32_t> found(k, -1);
                kernels::top_k(plain, values, found);
                REQUIRE(std::equal(found.begin(), found.end(), order.begin()));
            }
        }
    });
}

TEST_CASE("top_k: infinities are values like others") {
    const std::vector<float> values{-definition::infinity, 3.0F, definition::infinity, -definition::infinity};
    std::vector<std::int32_t> found(4);
    kernels::top_k(plain, values, found);
    CHECK(found == std::vector<std::int32_t>{2, 1, 0, 3});
}
