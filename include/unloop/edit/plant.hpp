// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A known fault with a known cure: what a method that claims to find faults is tried on.
#ifndef UNLOOP_EDIT_PLANT_HPP
#define UNLOOP_EDIT_PLANT_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/operators.hpp>

#include <cmath>   // ldexp
#include <span>    // targets
#include <string>  // messages

namespace unloop::inline v0 {

/// `fault` then `cure` leaves every bit as it was, while no scale of the weights leaves its format's normal range.
struct planted_fault {
    plan fault;
    plan cure;
};

/// Multiplies targets by 2^exponent, or by -2^exponent where they are inverted as well: behind a norm a larger output
/// only turns the branch, an inverted one turns it round. An exponent of 0 with `inverted` flips signs alone. Throws
/// `error` unless the exponent is from -24 to 24 and something changes: further a float16 scale could not follow.
[[nodiscard]] inline planted_fault plant(std::span<const target_id> targets, int exponent, bool inverted = false) {
    if ((exponent == 0 && !inverted) || exponent < -24 || exponent > 24)
        throw error("plant: the exponent must be from -24 to 24 and not 0, not " + std::to_string(exponent));
    const float sign = inverted ? -1.0F : 1.0F;
    planted_fault planted{scale(targets, std::ldexp(sign, exponent)), scale(targets, std::ldexp(sign, -exponent))};
    planted.fault.note = "planted fault";
    planted.cure.note = "exact cure of a planted fault";
    return planted;
}
[[nodiscard]] inline planted_fault plant(const target_id& target, int exponent, bool inverted = false) {
    return plant(std::span(&target, 1), exponent, inverted);
}

}  // namespace unloop::inline v0

#endif
