// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The library's choices of positions by name, for programs that are told at run time which one to take.
#ifndef UNLOOP_ATTRIBUTE_ANY_POSITIONS_HPP
#define UNLOOP_ATTRIBUTE_ANY_POSITIONS_HPP

#include <unloop/attribute/positions.hpp>
#include <unloop/core/named_choice.hpp>

#include <array>        // names
#include <cstddef>      // size_t
#include <string_view>  // names
#include <utility>      // move
#include <variant>      // one of them

namespace unloop::inline v0 {

/// One of `Choices`. A choice of positions itself.
template <position_choice... Choices>
class positions_variant {
  public:
    static constexpr std::string_view name = "any_positions";

    static constexpr std::array<std::string_view, sizeof...(Choices)> names{Choices::name...};

    positions_variant() = default;
    template <class Positions>
    explicit(false) positions_variant(Positions chosen) : chosen_(std::move(chosen)) {}

    /// With its default settings. Throws `error` that tells the names when there is none of this name.
    [[nodiscard]] static positions_variant named(std::string_view wanted) {
        return choice_named<positions_variant, Choices...>(wanted, "no choice of positions");
    }

    [[nodiscard]] std::string_view chosen() const {
        return std::visit([]<class Positions>(const Positions& /*chosen*/) { return Positions::name; }, chosen_);
    }
    [[nodiscard]] bool covers(const recorded_run& run, std::size_t position) const {
        return std::visit([&](const auto& chosen) { return chosen.covers(run, position); }, chosen_);
    }

  private:
    std::variant<Choices...> chosen_;
};

using any_positions = positions_variant<all_positions, inside_loop, at_onset, at_decisions>;
static_assert(position_choice<any_positions>);

}  // namespace unloop::inline v0

#endif
