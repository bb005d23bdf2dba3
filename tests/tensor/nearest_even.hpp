// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The definition of rounding to nearest even for a 16-bit float, by exhaustion: its own values, their midpoints, and
// the float32 neighbours of both.
#ifndef UNLOOP_TESTS_TENSOR_NEAREST_EVEN_HPP
#define UNLOOP_TESTS_TENSOR_NEAREST_EVEN_HPP

#include <cmath>    // ldexp, nextafter
#include <cstdint>  // uint16_t
#include <limits>   // infinity

namespace nearest_even {

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
    const std::uint32_t infinity = ((1U << exponent_bits) - 1U) << mantissa_bits;
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

}  // namespace nearest_even

#endif
