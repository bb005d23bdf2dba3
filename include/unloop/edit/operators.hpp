// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edit operators turn targets into a plan: suppress, invert, scale; copy, for neurons; mask, for experts.
#ifndef UNLOOP_EDIT_OPERATORS_HPP
#define UNLOOP_EDIT_OPERATORS_HPP

#include <unloop/edit/plan.hpp>

#include <concepts>  // same_as
#include <span>      // targets

namespace unloop::inline v0 {

/// `plan operator()(std::span<const target_id>) const`: equal targets give equal plans, and a plan names no target that
/// is not among them; laws and examples: docs/concepts/edit_operator.md.
template <class Operator>
concept edit_operator = requires(const Operator& edit, std::span<const target_id> targets) {
    { edit(targets) } -> std::same_as<plan>;
};

/// Stops compilation with one sentence when `Operator` is no `edit_operator`.
template <class Operator>
constexpr void require_edit_operator() noexcept {
    static_assert(edit_operator<Operator>,
                  "edit_operator: needs unloop::plan operator()(std::span<const unloop::target_id>) const; see "
                  "docs/concepts/edit_operator.md");
}

/// Every target times one factor.
struct scale_by {
    float factor = 1.0F;

    template <target_list Targets>
    [[nodiscard]] plan operator()(const Targets& targets) const {
        plan made;
        for (const auto& target : targets) made.edits.push_back({target, factor});
        return made;
    }
    [[nodiscard]] plan operator()(const target_id& target) const { return (*this)(std::span(&target, 1)); }
};

/// `suppress(scores.best_neurons(3))`: the targets are silent.
inline constexpr scale_by suppress{0.0F};
/// `invert(expert_id{10, 7})`: the targets write the opposite.
inline constexpr scale_by invert{-1.0F};

template <target_list Targets>
[[nodiscard]] plan scale(const Targets& targets, float factor) {
    return scale_by{factor}(targets);
}
[[nodiscard]] inline plan scale(const target_id& target, float factor) { return scale_by{factor}(target); }

/// The neuron writes what neuron `from` of its layer writes: column of `down` for column. Behind scalings: a copy takes
/// the neuron's value as they leave it. There is no operator that takes it back; undo does.
[[nodiscard]] inline plan copy(neuron_id target, std::int32_t from) {
    return {{{target, 1.0F, edit_kind::copy, from}}, {}};
}

/// The router chooses as if these experts were not there. Not the same as suppression, under which an expert is chosen
/// and silent; weights cannot say it, so that such a plan is a tap only.
[[nodiscard]] inline plan mask(std::span<const expert_id> experts) {
    plan made;
    for (const expert_id expert : experts) made.edits.push_back({expert, 1.0F, edit_kind::mask});
    return made;
}
[[nodiscard]] inline plan mask(expert_id expert) { return mask(std::span(&expert, 1)); }

}  // namespace unloop::inline v0

#endif
