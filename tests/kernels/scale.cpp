// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// scale against its formula.
#include <unloop/kernels/scale.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("scale multiplies every value, rounding once") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        for (const float factor : {0.0F, -1.0F, 0.3F, 1e30F}) {
            definition::vector out(n, offset, 1);
            const definition::vector before = out;
            kernels::scale(plain, factor, out);
            for (std::size_t i = 0; i < n; ++i)
                REQUIRE(out[i] == static_cast<float>(static_cast<double>(before[i]) * static_cast<double>(factor)));
        }
    });
}

TEST_CASE("zero times infinity is no number") {
    std::vector<float> values{1.0F, definition::infinity};
    kernels::scale(plain, 0.0F, values);
    CHECK(values[0] == 0.0F);
    CHECK(std::isnan(values[1]));
}
