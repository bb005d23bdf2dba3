// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact ablation of single targets on a recorded run: the layers above are computed anew, candidates batched as rows.
#ifndef UNLOOP_ATTRIBUTE_EXACT_ABLATION_HPP
#define UNLOOP_ATTRIBUTE_EXACT_ABLATION_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/blocks/target_site.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // sort
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
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

/// Row r of the pass has the target of `candidates[r]` scaled, at all positions.
struct scale_a_target_a_row {
    std::int32_t layer;  ///< of all candidates
    std::span<const target_factor> candidates;

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < place.tokens.size(); ++t) {
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

/// Whether scaling the target can change the run at all: an expert that no token chose cannot.
[[nodiscard]] inline bool is_used(const recorded_run& run, const target_id& target) {
    return std::visit(
        [&]<class Id>(const Id& id) {
            if constexpr (requires { id.expert; })
                return run.experts[static_cast<std::size_t>(id.layer)].has_chosen(id.expert);
            else
                return true;
        },
        target);
}

/// Objective at all decisions after a pass of `rows` rows from layer `layer` on, averaged; by row.
template <class Decoder, class Executor, class Tap, class Objective>
std::vector<double> objectives_from(const Decoder& decoder, const recorded_run& run, std::size_t rows,
                                    std::size_t layer, const Objective& objective, Executor& executor, Tap& tap) {
    std::vector<batch_token> pass;
    for (std::size_t r = 0; r < rows; ++r) append_row(pass, run, static_cast<std::int32_t>(r));
    const std::size_t decisions = run.decisions.size();
    decoder_state state(decoder.config(), {rows, run.length(), pass.size(), rows * decisions});
    // A layer that reads the keys of one below needs them computed first.
    const std::size_t first = decoder.config().lowest_read(layer);
    const matrix_view stream = state.stream(pass.size());
    for (std::size_t t = 0; t < pass.size(); ++t) {
        const auto from = run.residual_of(first)[t % run.length()];
        std::copy(from.begin(), from.end(), stream[t].begin());
    }
    const matrix_view logits = decoder.resume(state, pass, {first, false}, executor, tap);
    std::vector<double> values(rows);
    for (std::size_t i = 0; i < logits.rows(); ++i)
        values[i / decisions] +=
            objective.value(logits[i], run.decisions[i % decisions]) / static_cast<double>(decisions);
    return values;
}

}  // namespace detail

/// The objective on the unchanged run, averaged over its decisions.
template <class Objective>
[[nodiscard]] double objective_of(const recorded_run& run, const Objective& objective) {
    require_decision_objective<Objective>();
    double sum = 0;
    for (std::size_t d = 0; d < run.decisions.size(); ++d) sum += objective.value(run.logits[d], run.decisions[d]);
    return sum / static_cast<double>(run.decisions.size());
}

/// Change of the objective by each candidate, in the order given: computed from the residual stream that enters the
/// target's layer, so that layer keeps its keys and values and all positions of the layers above are computed anew;
/// where layers share keys and values, from the lowest layer that they are read from. `batch` candidates of one layer
/// share a pass. O(candidates * layers above * T); an expert that no token chose, and its neurons, cost nothing.
template <class Model, class Objective, class Executor>
[[nodiscard]] std::vector<double> exact_ablation(const Model& model, const recorded_run& run,
                                                 std::span<const target_factor> candidates, const Objective& objective,
                                                 Executor& executor, std::size_t batch = 8) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (detail::is_used(run, candidates[i].target)) order.push_back(i);
    const auto layer_at = [&](std::size_t i) { return layer_of(candidates[i].target); };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return layer_at(a) < layer_at(b); });
    const double unchanged = objective_of(run, objective);
    std::vector<double> changes(candidates.size());
    std::vector<target_factor> rows;
    for (std::size_t first = 0; first < order.size(); first += rows.size()) {
        rows.clear();
        const std::int32_t layer = layer_at(order[first]);
        for (std::size_t i = first; i < order.size() && rows.size() < batch && layer_at(order[i]) == layer; ++i)
            rows.push_back(candidates[order[i]]);
        detail::scale_a_target_a_row tap{layer, rows};
        const auto values = detail::objectives_from(model.decoder(), run, rows.size(), static_cast<std::size_t>(layer),
                                                    objective, executor, tap);
        for (std::size_t r = 0; r < rows.size(); ++r) changes[order[first + r]] = values[r] - unchanged;
    }
    return changes;
}

}  // namespace unloop::inline v0

#endif
