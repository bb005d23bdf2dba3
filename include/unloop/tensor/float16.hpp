// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// IEEE 754 binary16, converted exactly upward and to nearest even downward, without compiler or hardware support.
#ifndef UNLOOP_TENSOR_FLOAT16_HPP
#define UNLOOP_TENSOR_FLOAT16_HPP

#include <bit>      // bit_cast
#include <cstdint>  // uint16_t

namespace unloop::inline v0 {

/// 1 sign, 5 exponent, 10 mantissa bits. A storage type: arithmetic happens in float.
struct float16 {
    std::uint16_t bits = 0;

    constexpr float16() noexcept = default;
    /// Rounds to nearest, ties to even; overflows to infinity; a NaN stays a NaN of the same sign.
    constexpr explicit float16(float value) noexcept : bits(narrow(value)) {}
    constexpr explicit operator float() const noexcept { return widen(bits); }

  private:
    static constexpr float widen(std::uint16_t half) noexcept {
        const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
        const std::uint32_t magnitude = half & 0x7FFFU;
        if (magnitude >= 0x7C00U) {  // infinity and NaN keep an all-ones exponent
            const std::uint32_t quiet = magnitude > 0x7C00U ? 0x400000U : 0U;
            return std::bit_cast<float>(sign | 0x7F800000U | (magnitude & 0x3FFU) << 13 | quiet);
        }
        if (magnitude < 0x400U) {  // zero and subnormals count in units of 2^-24
            const float value = static_cast<float>(magnitude) * 0x1.0p-24F;
            return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(value));
        }
        return std::bit_cast<float>(sign | ((magnitude << 13) + ((127U - 15U) << 23)));
    }

    static constexpr std::uint16_t narrow(float value) noexcept {
        const auto wide = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t sign = (wide >> 16) & 0x8000U;
        const std::uint32_t magnitude = wide & 0x7FFFFFFFU;
        if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U | ((magnitude >> 13) & 0x3FFU));
        if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // 65520 and above
        if (magnitude < 0x38800000U) {  // below 2^-14: adding 0.5 aligns the units of 2^-24 with the last float bit
            const float aligned = std::bit_cast<float>(magnitude) + 0.5F;
            return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(aligned) - 0x3F000000U));
        }
        const std::uint32_t rounded = magnitude - ((127U - 15U) << 23) + 0xFFFU + ((magnitude >> 13) & 1U);
        return static_cast<std::uint16_t>(sign | (rounded >> 13));
    }
};

}  // namespace unloop::inline v0

#endif
