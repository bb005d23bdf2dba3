// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// rotary against a turn by complex numbers, in both layouts.
#include <unloop/kernels/rotary.hpp>

#include <complex>  // turns

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;
using complex = std::complex<long double>;

TEST_CASE("each pair turns by its angle, in both layouts") {
    for (std::size_t pairs = 0; pairs <= definition::longest; ++pairs)
        for (const rotary_layout layout : {rotary_layout::halves, rotary_layout::interleaved}) {
            const definition::vector angles(pairs, 0, 1), head(2 * pairs, 1, 2);
            std::vector<float> cosine(pairs), sine(pairs);
            for (std::size_t i = 0; i < pairs; ++i) cosine[i] = std::cos(angles[i]), sine[i] = std::sin(angles[i]);
            definition::vector turned = head;
            kernels::rotary(plain, layout, cosine, sine, turned);
            for (std::size_t i = 0; i < pairs; ++i) {
                const bool halves = layout == rotary_layout::halves;
                const std::size_t low = halves ? i : 2 * i, high = halves ? i + pairs : 2 * i + 1;
                const complex pair(static_cast<long double>(head[low]), static_cast<long double>(head[high]));
                const complex expected =
                    pair * complex(static_cast<long double>(cosine[i]), static_cast<long double>(sine[i]));
                close(turned[low], expected.real(), std::abs(pair), 3);
                close(turned[high], expected.imag(), std::abs(pair), 3);
            }
        }
}

TEST_CASE("the two layouts are one turn of permuted channels") {
    const std::size_t pairs = 8;
    const definition::vector cosine(pairs, 0, 3), sine(pairs, 0, 4), head(2 * pairs, 0, 5);
    std::vector<float> halves(head.values().begin(), head.values().end()), interleaved(2 * pairs);
    for (std::size_t i = 0; i < pairs; ++i) interleaved[2 * i] = head[i], interleaved[2 * i + 1] = head[i + pairs];
    kernels::rotary(plain, rotary_layout::halves, cosine, sine, halves);
    kernels::rotary(plain, rotary_layout::interleaved, cosine, sine, interleaved);
    for (std::size_t i = 0; i < pairs; ++i) {
        CHECK(interleaved[2 * i] == halves[i]);
        CHECK(interleaved[2 * i + 1] == halves[i + pairs]);
    }
}
