// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Positions: where in a recorded run a target is changed, or where its part is counted.
#ifndef UNLOOP_ATTRIBUTE_POSITIONS_HPP
#define UNLOOP_ATTRIBUTE_POSITIONS_HPP

#include <unloop/attribute/recorded_run.hpp>

#include <algorithm>    // any_of
#include <concepts>     // same_as, convertible_to
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <string_view>  // names
#include <vector>       // masks

namespace unloop::inline v0 {

/// `bool covers(const recorded_run&, std::size_t position) const`: whether the position is one of them.
template <class Positions>
concept has_covers = requires(const Positions& positions, const recorded_run& run, std::size_t position) {
    { positions.covers(run, position) } -> std::same_as<bool>;
};

/// A choice of positions; laws and examples: docs/concepts/positions.md.
template <class Positions>
concept position_choice = has_covers<Positions> && requires {
    { Positions::name } -> std::convertible_to<std::string_view>;
};

/// Stops compilation with one sentence for each requirement of `position_choice` that `Positions` does not meet.
template <class Positions>
constexpr void require_position_choice() noexcept {
    static_assert(has_covers<Positions>,
                  "position_choice: needs bool covers(const unloop::recorded_run&, std::size_t position) const; see "
                  "docs/concepts/positions.md");
    static_assert(
        requires {
            { Positions::name } -> std::convertible_to<std::string_view>;
        }, "position_choice: needs static constexpr std::string_view name; see docs/concepts/positions.md");
}

/// Every position, as an edit in the weights has it: a target also acts through the keys and values of earlier ones.
struct all_positions {
    static constexpr std::string_view name = "all_positions";
    [[nodiscard]] bool covers(const recorded_run& /*run*/, std::size_t /*position*/) const noexcept { return true; }
};

/// From the second copy on.
struct inside_loop {
    static constexpr std::string_view name = "inside_loop";
    [[nodiscard]] bool covers(const recorded_run& run, std::size_t position) const noexcept {
        return position >= run.onset;
    }
};

/// The `window` positions before the second copy: where the run turns back.
struct at_onset {
    static constexpr std::string_view name = "at_onset";
    std::size_t window = 1;
    [[nodiscard]] bool covers(const recorded_run& run, std::size_t position) const noexcept {
        return position < run.onset && position + window >= run.onset;
    }
};

/// Where the logits of decisions are.
struct at_decisions {
    static constexpr std::string_view name = "at_decisions";
    [[nodiscard]] bool covers(const recorded_run& run, std::size_t position) const noexcept {
        return std::any_of(run.decisions.begin(), run.decisions.end(),
                           [&](const decision& at) { return at.position == position + 1; });
    }
};

/// 1 where `positions` covers a position of the run, [T].
template <class Positions>
[[nodiscard]] std::vector<std::uint8_t> mask_of(const Positions& positions, const recorded_run& run) {
    require_position_choice<Positions>();
    std::vector<std::uint8_t> mask;
    for (std::size_t t = 0; t < run.length(); ++t) mask.push_back(positions.covers(run, t) ? 1 : 0);
    return mask;
}

}  // namespace unloop::inline v0

#endif
