// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What a loop detector hands upward: which kind of loop, where it began, and how much of it was seen.
#ifndef UNLOOP_CORE_FINDING_HPP
#define UNLOOP_CORE_FINDING_HPP

#include <cstdint>      // int64_t
#include <string_view>  // names of kinds

namespace unloop::inline v0 {

/// Kinds of repetition; rates of different kinds are never added up silently.
enum class loop_kind : std::uint8_t {
    periodic,       ///< one block of tokens, repeated exactly
    list_collapse,  ///< a list whose items decay onto few answers
    counter_drift,  ///< items equal but for numbers, years or Roman numerals that count on
};

[[nodiscard]] constexpr std::string_view name_of(loop_kind kind) noexcept {
    switch (kind) {
        case loop_kind::periodic:
            return "periodic";
        case loop_kind::list_collapse:
            return "list_collapse";
        case loop_kind::counter_drift:
            return "counter_drift";
    }
    return "unknown";
}

/// A loop, in the units of the detector that found it (tokens, or items of a list).
struct finding {
    loop_kind kind = loop_kind::periodic;
    std::int64_t start = 0;   ///< index of the first unit of the loop, counted from the detector's reset
    std::int64_t period = 0;  ///< units per copy
    std::int64_t copies = 0;  ///< whole copies seen when the finding was made
    std::int64_t evidence =
        0;  ///< units that support the finding (for a periodic loop: those equal to the one a period earlier)
    friend constexpr bool operator==(const finding&, const finding&) = default;
};

}  // namespace unloop::inline v0

#endif
