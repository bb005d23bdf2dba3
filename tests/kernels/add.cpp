// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// add against its formula.
#include <unloop/kernels/add.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("add accumulates, rounding each sum once") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        const definition::vector x(n, offset, 1);
        definition::vector out(n, 3 - offset, 2);
        const definition::vector before = out;
        kernels::add(plain, x, out);
        for (std::size_t i = 0; i < n; ++i)
            REQUIRE(out[i] == static_cast<float>(static_cast<double>(before[i]) + static_cast<double>(x[i])));
    });
}

TEST_CASE("a vector may be added to itself") {
    definition::vector x(19, 1, 3);
    const definition::vector before = x;
    kernels::add(plain, x, x);
    for (std::size_t i = 0; i < 19; ++i) CHECK(x[i] == 2 * before[i]);
}
