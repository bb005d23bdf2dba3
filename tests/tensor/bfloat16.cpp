// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// bfloat16 against its definition: every value upward, every midpoint and its neighbours downward.
#include <unloop/tensor/bfloat16.hpp>

#include <catch2/catch_test_macros.hpp>

#include <bit>     // bit_cast
#include <cmath>   // isnan
#include <limits>  // infinity

#include "nearest_even.hpp"

using unloop::bfloat16;

namespace {

constexpr int exponent_bits = 8, mantissa_bits = 7;
constexpr std::uint32_t infinity_bits = ((1U << exponent_bits) - 1U) << mantissa_bits;

bfloat16 from_bits(std::uint32_t bits) {
    bfloat16 stored;
    stored.bits = static_cast<std::uint16_t>(bits);
    return stored;
}

}  // namespace

TEST_CASE("bfloat16: all 65536 values widen exactly, and narrow back to themselves") {
    int wrong = 0;
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const auto wide = static_cast<float>(from_bits(bits));
        const bool negative = (bits & 0x8000U) != 0;
        const std::uint32_t magnitude = bits & 0x7FFFU;
        wrong += std::signbit(wide) != negative;
        if (magnitude > infinity_bits) {
            const bfloat16 again(wide);
            wrong += !std::isnan(wide);
            wrong += (again.bits & 0x7FFFU) <= infinity_bits || ((again.bits & 0x8000U) != 0) != negative;
        } else if (magnitude == infinity_bits) {
            wrong += std::abs(wide) != std::numeric_limits<float>::infinity();
        } else {
            wrong += static_cast<double>(wide) != nearest_even::value_of(bits, exponent_bits, mantissa_bits);
        }
        if (magnitude <= infinity_bits) wrong += bfloat16(wide).bits != bits;
    }
    CHECK(wrong == 0);
}

TEST_CASE("bfloat16: every value, midpoint and neighbour narrows to the nearest, ties to even") {
    int wrong = 0, cases = 0;
    nearest_even::for_each_case(exponent_bits, mantissa_bits, [&](float value, std::uint16_t expected) {
        ++cases;
        if (bfloat16(value).bits == expected) return;
        if (++wrong < 5) FAIL_CHECK("value " << value << ": " << bfloat16(value).bits << ", expected " << expected);
    });
    CHECK(wrong == 0);
    CHECK(cases > 4 * static_cast<int>(infinity_bits));
}

TEST_CASE("bfloat16: infinities stay, and NaNs whose payload would be cut off stay NaN") {
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(bfloat16(infinity).bits == infinity_bits);
    CHECK(bfloat16(-infinity).bits == (infinity_bits | 0x8000U));
    CHECK(bfloat16(std::numeric_limits<float>::max()).bits == infinity_bits);
    CHECK(bfloat16(0.0F).bits == 0);
    CHECK(bfloat16(-0.0F).bits == 0x8000U);
    for (const std::uint32_t payload : {0x7F800001U, 0x7FC00000U, 0x7FFFFFFFU, 0xFF800001U, 0xFFFFFFFFU}) {
        const bfloat16 narrowed(std::bit_cast<float>(payload));
        CHECK(std::isnan(static_cast<float>(narrowed)));
        CHECK((narrowed.bits >> 15) == (payload >> 31));
    }
    static_assert(bfloat16(1.0F).bits == bfloat16(1.0F + 0x1.0p-23F).bits);
}
