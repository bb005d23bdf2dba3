// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The definition of a 16-bit float and of rounding to nearest even, and the checks of a type against it, by exhaustion:
// its own values, their midpoints, and the float32 neighbours of both.
#ifndef UNLOOP_TESTS_TENSOR_NEAREST_EVEN_HPP
#define UNLOOP_TESTS_TENSOR_NEAREST_EVEN_HPP

#include <bit>  // bit_cast
#include <catch2/catch_test_macros.hpp>
#include <cmath>    // ldexp, nextafter
#include <cstdint>  // uint16_t
#include <limits>   // infinity

namespace nearest_even {

/// The bits of infinity: all of the exponent.
constexpr std::uint32_t infinity_bits(int exponent_bits, int mantissa_bits) {
    return ((1U << exponent_bits) - 1U) << mantissa_bits;
}

/// The value of finite bits, from the definition of a binary float: subnormal m 2^(1 - bias - width), normal
/// (2^width + m) 2^(e - bias - width).
inline double value_of(std::uint32_t bits, int exponent_bits, int mantissa_bits) {
    const std::uint32_t mantissa = bits & ((1U << mantissa_bits) - 1U);
    const auto exponent = static_cast<int>((bits >> mantissa_bits) & ((1U << exponent_bits) - 1U));
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const double unsigned_value = exponent == 0 ? std::ldexp(static_cast<double>(mantissa), 1 - bias - mantissa_bits)
                                                : std::ldexp(static_cast<double>(mantissa + (1U << mantissa_bits)),
                                                             exponent - bias - mantissa_bits);
    return (bits >> (exponent_bits + mantissa_bits)) != 0 ? -unsigned_value : unsigned_value;
}

/// Calls `check(value, expected bits)` for both signs of every stored value, every midpoint of two neighbours (which
/// goes to the even one; above the largest value "one more" is infinity), and the float32 neighbours of both.
template <class Check>
void for_each_case(int exponent_bits, int mantissa_bits, Check check) {
    const std::uint32_t infinity = infinity_bits(exponent_bits, mantissa_bits);
    const std::uint32_t sign = 1U << (exponent_bits + mantissa_bits);
    const auto both_signs = [&](double value, std::uint32_t bits) {
        check(static_cast<float>(value), static_cast<std::uint16_t>(bits));
        check(static_cast<float>(-value), static_cast<std::uint16_t>(bits | sign));
    };
    constexpr float up = std::numeric_limits<float>::infinity();
    for (std::uint32_t bits = 0; bits < infinity; ++bits) {
        const double low = value_of(bits, exponent_bits, mantissa_bits);
        const double high = value_of(bits + 1, exponent_bits, mantissa_bits);  // one past the largest: its continuation
        const double middle = (low + high) / 2;
        const auto exact = static_cast<float>(low), between = static_cast<float>(middle);
        both_signs(low, bits);
        both_signs(std::nextafter(exact, up), bits);
        if (bits > 0) both_signs(std::nextafter(exact, 0.0F), bits);
        if (!(static_cast<double>(between) == middle)) continue;  // no float32 lies there
        both_signs(middle, bits % 2 == 0 ? bits : bits + 1);
        both_signs(std::nextafter(between, 0.0F), bits);
        both_signs(std::nextafter(between, up), bits + 1);
    }
}

/// All 65536 values widen exactly, and narrow back to themselves.
template <class Float>
void check_widening(int exponent_bits, int mantissa_bits) {
    const std::uint32_t infinity = infinity_bits(exponent_bits, mantissa_bits);
    int wrong = 0;
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        Float stored;
        stored.bits = static_cast<std::uint16_t>(bits);
        const auto wide = static_cast<float>(stored);
        const bool negative = (bits & 0x8000U) != 0;
        const std::uint32_t magnitude = bits & 0x7FFFU;
        wrong += std::signbit(wide) != negative;
        if (magnitude > infinity) {
            const Float again(wide);
            wrong += !std::isnan(wide);
            wrong += (again.bits & 0x7FFFU) <= infinity || ((again.bits & 0x8000U) != 0) != negative;
        } else if (magnitude == infinity) {
            wrong += std::abs(wide) != std::numeric_limits<float>::infinity();
        } else {
            wrong += static_cast<double>(wide) != value_of(bits, exponent_bits, mantissa_bits);
        }
        if (magnitude <= infinity) wrong += Float(wide).bits != bits;
    }
    CHECK(wrong == 0);
}

/// Every value, midpoint and neighbour narrows to the nearest, ties to even.
template <class Float>
void check_narrowing(int exponent_bits, int mantissa_bits) {
    int wrong = 0, cases = 0;
    for_each_case(exponent_bits, mantissa_bits, [&](float value, std::uint16_t expected) {
        ++cases;
        if (Float(value).bits == expected) return;
        if (++wrong < 5) FAIL_CHECK("value " << value << ": " << Float(value).bits << ", expected " << expected);
    });
    CHECK(wrong == 0);
    CHECK(cases > 4 * static_cast<int>(infinity_bits(exponent_bits, mantissa_bits)));
}

/// Infinities and zeros stay, NaNs whose payload would be cut off stay NaN.
template <class Float>
void check_specials(int exponent_bits, int mantissa_bits) {
    const std::uint32_t infinite = infinity_bits(exponent_bits, mantissa_bits);
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(Float(infinity).bits == infinite);
    CHECK(Float(-infinity).bits == (infinite | 0x8000U));
    CHECK(Float(std::numeric_limits<float>::max()).bits == infinite);
    CHECK(Float(0.0F).bits == 0);
    CHECK(Float(-0.0F).bits == 0x8000U);
    for (const std::uint32_t payload : {0x7F800001U, 0x7FC00000U, 0x7FFFFFFFU, 0xFF800001U, 0xFFFFFFFFU}) {
        const Float narrowed(std::bit_cast<float>(payload));
        CHECK(std::isnan(static_cast<float>(narrowed)));
        CHECK((narrowed.bits >> 15) == (payload >> 31));
    }
    static_assert(Float(1.0F).bits == Float(1.0F + 0x1.0p-23F).bits);
}

}  // namespace nearest_even

#endif
