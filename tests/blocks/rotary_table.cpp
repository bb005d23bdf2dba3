// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tables of angles against their definition, with a linear factor and pairs that stand still.
#include <unloop/blocks/rotary_table.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>  // memory

using namespace unloop;

TEST_CASE("angles grow with the position and fall with the pair") {
    const std::size_t positions = 300;
    for (const rotary_spec& spec : {rotary_spec{64, 10000.0F, 1.0F, 32}, rotary_spec{10, 500000.0F, 8.0F, 5},
                                    rotary_spec{8, 1e6F, 1.0F, 1}, rotary_spec{2, 10000.0F, 1.0F, 0}}) {
        const std::size_t pairs = spec.head_size / 2;
        std::vector<float> cosines(positions * pairs), sines(cosines);
        const matrix_view cosine(cosines.data(), positions, pairs), sine(sines.data(), positions, pairs);
        fill_rotary_table(spec, cosine, sine);
        for (std::size_t p = 0; p < positions; ++p)
            for (std::size_t i = 0; i < pairs; ++i) {
                const long double exponent =
                    -2.0L * static_cast<long double>(i) / static_cast<long double>(spec.head_size);
                const long double frequency =
                    std::pow(static_cast<long double>(spec.base), exponent) / static_cast<long double>(spec.factor);
                const long double angle = i < spec.live_pairs ? static_cast<long double>(p) * frequency : 0;
                // A frequency and an angle in float32 are off by up to two roundings of the angle.
                const long double room = (2 * angle + 1) * 0x1.0p-23L;
                REQUIRE(std::abs(static_cast<long double>(cosine[p][i]) - std::cos(angle)) <= room);
                REQUIRE(std::abs(static_cast<long double>(sine[p][i]) - std::sin(angle)) <= room);
                if (i >= spec.live_pairs) REQUIRE((cosine[p][i] == 1.0F && sine[p][i] == 0.0F));
            }
    }
}
