// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact ablation of single neurons on a recorded run: the layers above are computed anew, candidates batched as rows.
#ifndef UNLOOP_ATTRIBUTE_EXACT_ABLATION_HPP
#define UNLOOP_ATTRIBUTE_EXACT_ABLATION_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // sort
#include <cstddef>    // size_t
#include <numeric>    // iota
#include <span>       // candidates
#include <vector>     // changes

namespace unloop::inline v0 {

/// One neuron with the factor that is tried on it.
struct neuron_factor {
    neuron_id neuron;
    float factor = 0;
    friend constexpr auto operator<=>(const neuron_factor&, const neuron_factor&) = default;
};

namespace detail {

/// Row r of the pass has neuron `candidates[r]` of layer `layer` scaled, at all positions.
struct scale_a_neuron_a_row {
    std::int32_t layer;
    std::span<const neuron_factor> candidates;
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t) {
            const neuron_factor& candidate = candidates[static_cast<std::size_t>(place.tokens[t].row)];
            values[t][static_cast<std::size_t>(candidate.neuron.neuron)] *= candidate.factor;
        }
    }
};

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
/// neuron's layer, so that layer keeps its keys and values and all positions of the layers above are computed anew;
/// where layers share keys and values, from the lowest layer that they are read from. `batch` candidates of one layer
/// share a pass. O(candidates * layers above * T).
template <class Model, class Objective, class Executor>
[[nodiscard]] std::vector<double> exact_ablation(const Model& model, const recorded_run& run,
                                                 std::span<const neuron_factor> candidates, const Objective& objective,
                                                 Executor& executor, std::size_t batch = 8) {
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return candidates[a].neuron.layer < candidates[b].neuron.layer;
    });
    const double unchanged = objective_of(run, objective);
    std::vector<double> changes(candidates.size());
    std::vector<neuron_factor> rows;
    for (std::size_t first = 0; first < order.size(); first += rows.size()) {
        rows.clear();
        const std::int32_t layer = candidates[order[first]].neuron.layer;
        for (std::size_t i = first;
             i < order.size() && rows.size() < batch && candidates[order[i]].neuron.layer == layer; ++i)
            rows.push_back(candidates[order[i]]);
        detail::scale_a_neuron_a_row tap{layer, rows};
        const auto values = detail::objectives_from(model.decoder(), run, rows.size(), static_cast<std::size_t>(layer),
                                                    objective, executor, tap);
        for (std::size_t r = 0; r < rows.size(); ++r) changes[order[first + r]] = values[r] - unchanged;
    }
    return changes;
}

}  // namespace unloop::inline v0

#endif
