// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// bfloat16: the upper half of a float32, converted exactly upward and to nearest even downward.
#ifndef UNLOOP_TENSOR_BFLOAT16_HPP
#define UNLOOP_TENSOR_BFLOAT16_HPP

#include <bit>      // bit_cast
#include <cstdint>  // uint16_t

namespace unloop::inline v0 {

/// 1 sign, 8 exponent, 7 mantissa bits. A storage type: arithmetic happens in float.
struct bfloat16 {
    std::uint16_t bits = 0;

    constexpr bfloat16() noexcept = default;
    /// Rounds to nearest, ties to even; a NaN stays a NaN of the same sign.
    constexpr explicit bfloat16(float value) noexcept {
        const auto wide = std::bit_cast<std::uint32_t>(value);
        const bool is_nan = (wide & 0x7FFFFFFFU) > 0x7F800000U;
        const std::uint32_t rounded = wide + 0x7FFFU + ((wide >> 16) & 1U);
        bits = static_cast<std::uint16_t>(is_nan ? (wide >> 16) | 0x40U : rounded >> 16);
    }
    constexpr explicit operator float() const noexcept {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
    }
};

}  // namespace unloop::inline v0

#endif
