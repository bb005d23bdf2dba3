// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// argmax: ties to the lower index, NaN never wins.
#include <unloop/kernels/argmax.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("argmax is the first place of the largest value") {
    definition::for_each_length(1, [](std::size_t n, std::size_t offset) {
        definition::vector values(n, offset, 1);
        for (float& value : values.values()) value = std::round(value);  // many ties
        const std::size_t found = kernels::argmax(plain, values);
        for (std::size_t i = 0; i < n; ++i)
            REQUIRE((i < found ? values[i] < values[found] : values[i] <= values[found]));
    });
}

TEST_CASE("argmax: a NaN never wins against a number") {
    using definition::infinity, definition::nan;
    const auto argmax = [](std::vector<float> values) { return kernels::argmax(plain, values); };
    CHECK(argmax({nan, 1.0F, 2.0F}) == 2);
    CHECK(argmax({1.0F, nan, 0.5F}) == 0);
    CHECK(argmax({nan, nan, -infinity}) == 2);
    CHECK(argmax({nan, nan}) == 0);
    CHECK(argmax({-infinity, -infinity}) == 0);
    CHECK(argmax({1.0F, infinity, infinity}) == 1);
    CHECK(argmax({-0.0F, 0.0F}) == 0);  // equal
}
