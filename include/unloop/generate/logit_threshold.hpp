// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How low a logit may be so that the logits from there up weigh as much as is wanted: without sorting, without memory.
#ifndef UNLOOP_GENERATE_LOGIT_THRESHOLD_HPP
#define UNLOOP_GENERATE_LOGIT_THRESHOLD_HPP

#include <array>    // weights of a digit
#include <bit>      // bit_cast
#include <cstddef>  // size_t
#include <cstdint>  // uint32_t
#include <span>     // logits

namespace unloop::inline v0 {

struct logit_threshold {
    float logit = 0;   ///< the lowest that counts
    double above = 0;  ///< weight of all that are greater
};

namespace detail {

/// Numbers in the order of the floats; both zeros are one.
[[nodiscard]] inline std::uint32_t ordered_bits(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}
[[nodiscard]] inline float from_ordered_bits(std::uint32_t bits) noexcept {
    return std::bit_cast<float>((bits & 0x80000000U) != 0 ? bits & 0x7FFFFFFFU : ~bits);
}

}  // namespace detail

/// The greatest logit t for which `weight(logit)`, summed over all logits from t up, reaches `wanted`; the least logit
/// that weighs anything where all together do not. Weights are 0 or above, the same for equal logits, and one at least
/// is positive. Digit by digit from the highest (radix selection); sums are taken in ascending order of ids.
/// O(logits), four passes; a logit's weight is asked for once a digit that it agrees in with the result.
template <class Weight>
[[nodiscard]] logit_threshold find_logit_threshold(std::span<const float> logits, double wanted, const Weight& weight) {
    logit_threshold found;
    std::uint32_t prefix = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        std::array<double, 256> weights{};
        for (const float logit : logits) {
            const std::uint32_t bits = detail::ordered_bits(logit);
            if (shift == 24 || bits >> (shift + 8) == prefix) weights[(bits >> shift) & 0xFFU] += weight(logit);
        }
        std::size_t digit = 256, last = 256;
        while (digit-- > 0) {
            if (weights[digit] == 0) continue;
            last = digit;
            if (found.above + weights[digit] >= wanted) break;
            found.above += weights[digit];
        }
        if (digit > 255) found.above -= weights[digit = last];  // nowhere reached: the least that weighs anything
        prefix = prefix << 8U | static_cast<std::uint32_t>(digit);
    }
    found.logit = detail::from_ordered_bits(prefix);
    return found;
}

}  // namespace unloop::inline v0

#endif
