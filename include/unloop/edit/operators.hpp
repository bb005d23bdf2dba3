// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edit operators turn neurons into a plan: suppress, invert, scale.
#ifndef UNLOOP_EDIT_OPERATORS_HPP
#define UNLOOP_EDIT_OPERATORS_HPP

#include <unloop/core/ids.hpp>
#include <unloop/edit/plan.hpp>

#include <concepts>  // same_as
#include <span>      // targets

namespace unloop::inline v0 {

/// `plan operator()(std::span<const neuron_id>) const`: equal targets give equal plans, and a plan names no neuron that
/// is not among them; laws and examples: docs/concepts/edit_operator.md.
template <class Operator>
concept edit_operator = requires(const Operator& edit, std::span<const neuron_id> targets) {
    { edit(targets) } -> std::same_as<plan>;
};

/// Stops compilation with one sentence when `Operator` is no `edit_operator`.
template <class Operator>
constexpr void require_edit_operator() noexcept {
    static_assert(edit_operator<Operator>,
                  "edit_operator: needs unloop::plan operator()(std::span<const unloop::neuron_id>) const; see "
                  "docs/concepts/edit_operator.md");
}

/// Every target times one factor.
struct scale_by {
    float factor = 1.0F;

    [[nodiscard]] plan operator()(std::span<const neuron_id> targets) const {
        plan made;
        made.edits.reserve(targets.size());
        for (const neuron_id target : targets) made.edits.push_back({target, factor});
        return made;
    }
    [[nodiscard]] plan operator()(neuron_id target) const { return (*this)(std::span(&target, 1)); }
};

/// `suppress(scores.best_neurons(3))`: the neurons are silent.
inline constexpr scale_by suppress{0.0F};
/// `invert(neuron_id{10, 1234})`: the neurons write the opposite.
inline constexpr scale_by invert{-1.0F};

[[nodiscard]] inline plan scale(std::span<const neuron_id> targets, float factor) { return scale_by{factor}(targets); }
[[nodiscard]] inline plan scale(neuron_id target, float factor) { return scale_by{factor}(target); }

}  // namespace unloop::inline v0

#endif
