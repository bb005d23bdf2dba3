// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact ablation of single targets on a recorded run: what lies above them is computed anew, candidates as rows.
#ifndef UNLOOP_ATTRIBUTE_EXACT_ABLATION_HPP
#define UNLOOP_ATTRIBUTE_EXACT_ABLATION_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/positions.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/run_repeater.hpp>
#include <unloop/blocks/target_site.hpp>

#include <algorithm>  // find, sort
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <cstdint>    // int32_t, uint8_t
#include <span>       // candidates
#include <variant>    // visit
#include <vector>     // changes

namespace unloop::inline v0 {

/// One target with the factor that is tried on it.
struct target_factor {
    target_id target;
    float factor = 0;
    friend bool operator==(const target_factor&, const target_factor&) = default;
};

namespace detail {

/// Row r of the pass has the target of `candidates[r]` scaled, at the positions whose mask is not 0.
struct scale_a_target_a_row {
    std::int32_t layer;  ///< of all candidates
    std::span<const target_factor> candidates;
    std::span<const std::uint8_t> mask;

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < place.tokens.size(); ++t) {
            if (mask[static_cast<std::size_t>(place.tokens[t].position)] == 0) continue;
            const target_factor& candidate = candidates[static_cast<std::size_t>(place.tokens[t].row)];
            std::visit(
                [&]<class Id>(const Id& id) {
                    if constexpr (std::same_as<Site, typename target_site<Id>::type>)
                        scale_target(id, candidate.factor, place, t, values);
                },
                candidate.target);
        }
    }
};

/// Whether scaling the target at those positions can change the run at all: an expert that no token chose cannot.
[[nodiscard]] inline bool is_used(const recorded_run& run, const target_id& target,
                                  std::span<const std::uint8_t> mask) {
    return std::visit(
        [&]<class Id>(const Id& id) {
            if constexpr (requires { id.expert; }) {
                const auto layer = static_cast<std::size_t>(id.layer);
                const std::size_t used = run.experts_used(layer);
                for (std::size_t t = 0; t < mask.size(); ++t) {
                    const auto chosen = std::span(run.experts[layer].chosen).subspan(t * used, used);
                    if (mask[t] != 0 && std::find(chosen.begin(), chosen.end(), id.expert) != chosen.end()) return true;
                }
                return false;
            } else {
                return true;
            }
        },
        target);
}

/// Calls `visit(layer, indices)` for pieces of at most `batch` candidates of one layer, highest layers first; those
/// that can change nothing are left out.
template <class Visitor>
void for_each_batch(const recorded_run& run, std::span<const target_factor> candidates,
                    std::span<const std::uint8_t> mask, std::size_t batch, const Visitor& visit) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (is_used(run, candidates[i].target, mask)) order.push_back(i);
    const auto layer_at = [&](std::size_t i) { return layer_of(candidates[i].target); };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return layer_at(a) > layer_at(b); });
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        const std::int32_t layer = layer_at(order[first]);
        while (last < order.size() && last - first < batch && layer_at(order[last]) == layer) ++last;
        visit(layer, std::span<const std::size_t>(order).subspan(first, last - first));
    }
}

/// Changes of the objectives, averaged over all decisions, by candidates that are scaled where `mask` says; what is
/// computed anew ends before position `last`.
template <class Repeater, class Objective, class Executor>
void add_changes(Repeater& repeater, const recorded_run& run, std::span<const target_factor> candidates,
                 std::span<const std::uint8_t> mask, std::size_t last, std::size_t batch,
                 std::span<const Objective> objectives, Executor& executor, std::span<double> changes) {
    const auto first = static_cast<std::size_t>(
        std::find_if(mask.begin(), mask.end(), [](auto at) { return at != 0; }) - mask.begin());
    if (first >= last) return;
    std::vector<double> unchanged;
    for (const Objective& objective : objectives) unchanged.push_back(objective_of(run, objective));
    std::vector<target_factor> rows;
    for_each_batch(run, candidates, mask, batch, [&](std::int32_t layer, std::span<const std::size_t> indices) {
        rows.clear();
        for (const std::size_t i : indices) rows.push_back(candidates[i]);
        scale_a_target_a_row tap{layer, rows, mask};
        const repeat_range range{static_cast<std::size_t>(layer), first, last};
        const auto values = repeater.values_of(objectives, rows.size(), range, executor, tap);
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t o = 0; o < objectives.size(); ++o)
                changes[indices[r] * objectives.size() + o] += values[r * objectives.size() + o] - unchanged[o];
    });
}

}  // namespace detail

/// Changes of objectives by each candidate, in the order given, when it is scaled at `positions`, as an edit of the
/// weights does at all of them: [candidate * objectives + objective]. Exact: the numbers are those of a whole pass with
/// the candidate scaled, bit for bit. What lies below the candidate's layer, and before the first of the positions, is
/// as recorded; the rest is computed anew, `batch` candidates of one layer in a pass. O(candidates * layers from theirs
/// on * positions from the first on); an expert that no token chose there, and its neurons, cost nothing.
template <class Model, class Objective, class Executor, class Positions = all_positions>
[[nodiscard]] std::vector<double> exact_ablations(const Model& model, const recorded_run& run,
                                                  std::span<const target_factor> candidates,
                                                  std::span<const Objective> objectives, Executor& executor,
                                                  std::size_t batch = 8, const Positions& positions = {}) {
    require_decision_objective<Objective>();
    std::vector<double> changes(candidates.size() * objectives.size());
    run_repeater repeater(model.decoder(), run, batch, run.length(), executor);
    detail::add_changes(repeater, run, candidates, mask_of(positions, run), run.length(), batch, objectives, executor,
                        changes);
    return changes;
}

/// The same for one objective.
template <class Model, class Objective, class Executor, class Positions = all_positions>
[[nodiscard]] std::vector<double> exact_ablation(const Model& model, const recorded_run& run,
                                                 std::span<const target_factor> candidates, const Objective& objective,
                                                 Executor& executor, std::size_t batch = 8,
                                                 const Positions& positions = {}) {
    return exact_ablations(model, run, candidates, std::span(&objective, 1), executor, batch, positions);
}

/// The change of one objective at each decision's own position alone: every other position is as recorded, other
/// decisions' too; averaged over decisions. One token a candidate, layer from its own on and decision, so that all
/// neurons of a model can be tried: O(candidates * layers from theirs on * (weights of a layer + length of the run) *
/// decisions).
template <class Model, class Objective, class Executor>
[[nodiscard]] std::vector<double> decision_ablation(const Model& model, const recorded_run& run,
                                                    std::span<const target_factor> candidates,
                                                    const Objective& objective, Executor& executor,
                                                    std::size_t batch = 32) {
    require_decision_objective<Objective>();
    std::vector<double> changes(candidates.size());
    run_repeater repeater(model.decoder(), run, batch, 1, executor);
    std::vector<std::uint8_t> mask(run.length());
    for (std::size_t d = run.decisions.size(); d-- > 0;) {
        const std::size_t behind = run.decisions[d].position;
        mask[behind - 1] = 1;
        detail::add_changes(repeater, run, candidates, mask, behind, batch, std::span(&objective, 1), executor,
                            changes);
        mask[behind - 1] = 0;
    }
    return changes;
}

}  // namespace unloop::inline v0

#endif
