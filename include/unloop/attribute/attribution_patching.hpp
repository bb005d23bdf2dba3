// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution patching: what it would change, to first order, to put another run's activations in.
#ifndef UNLOOP_ATTRIBUTE_ATTRIBUTION_PATCHING_HPP
#define UNLOOP_ATTRIBUTE_ATTRIBUTION_PATCHING_HPP

#include <unloop/attribute/mean_activations.hpp>
#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/attribute/positions.hpp>
#include <unloop/attribute/target_elements.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <string_view>  // name
#include <vector>       // differences

namespace unloop::inline v0 {

namespace detail {

// activation_in(kind, run, layer, t, element): what an element was in a recorded run; 0 for experts that the token did
// not choose.

[[nodiscard]] inline float activation_in(target_kind<neuron_id> /*kind*/, const recorded_run& run, std::size_t layer,
                                         std::size_t t, std::size_t element) {
    return run.neurons_of(layer)[t][element];
}
[[nodiscard]] inline float activation_in(target_kind<head_id> /*kind*/, const recorded_run& run, std::size_t layer,
                                         std::size_t t, std::size_t element) {
    return run.heads_of(layer)[t][element];
}
[[nodiscard]] inline float activation_in(target_kind<expert_id> /*kind*/, const recorded_run& run, std::size_t layer,
                                         std::size_t t, std::size_t element) {
    float found = 0;
    run.for_each_chosen(layer, t, [&](std::int32_t expert, float weight, std::span<const float> /*neurons*/) {
        if (static_cast<std::size_t>(expert) == element) found = weight;
    });
    return found;
}
[[nodiscard]] inline float activation_in(target_kind<expert_neuron_id> /*kind*/, const recorded_run& run,
                                         std::size_t layer, std::size_t t, std::size_t element) {
    float found = 0;
    run.for_each_chosen(layer, t, [&](std::int32_t expert, float /*weight*/, std::span<const float> neurons) {
        if (static_cast<std::size_t>(expert) == element / neurons.size()) found = neurons[element % neurons.size()];
    });
    return found;
}

/// Adds (activation in the other run - own activation) times gradient; without another run the mean stands for it.
struct patching_tap {
    const recorded_run* other;
    const mean_activations& means;
    const std::vector<std::uint8_t>& mask;
    target_scores& scores;
    std::vector<float> memory = {};

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, const_matrix_view values, matrix_view gradients) {
        const std::size_t rows_a_token = values.rows() / place.tokens.size(), columns = values.columns();
        const auto layer = static_cast<std::size_t>(place.layer);
        memory.resize(values.rows() * columns);
        const matrix_view differences(memory.data(), values.rows(), columns);
        for_each_kind_at<Site>([&]<class Id>(target_kind<Id> kind) {
            for (std::size_t row = 0; row < values.rows(); ++row) {
                const auto t = static_cast<std::size_t>(place.tokens[row / rows_a_token].position);
                for (std::size_t c = 0; c < columns; ++c) {
                    const std::size_t element = element_of(kind, place, row, c, columns);
                    differences[row][c] = (other != nullptr ? activation_in(kind, *other, layer, t, element)
                                                            : means.mean<Id>(layer, element)) -
                                          values[row][c];
                }
            }
            add_products(kind, place, mask, differences, gradients, scores.of<Id>(layer));
        });
    }
};

}  // namespace detail

/// score = sum over positions of (activation in `other` - activation) * d objective / d activation: the change of the
/// objective, to first order, when the target's activations are taken from another run (Nanda, "Attribution patching",
/// 2023; Syed, Rager, Conmy, 2023). Both runs have the same length, position for position; `other` is the clean run
/// where the scored one loops, or the other way round, and must outlive it. An expert that a token of the other run did
/// not choose counts as 0 there. Without another run every position gets the mean of the run's own answer before the
/// loop, which is mean ablation to first order. Costs what gradient times activation costs.
template <class Positions = all_positions>
struct attribution_patching {
    static constexpr std::string_view name = "attribution_patching";

    const recorded_run* other = nullptr;
    Positions positions = {};

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        expects(other == nullptr || other->length() >= run.length(),
                "attribution_patching: the other run is as long as the scored one");
        target_scores scores(model.config());
        const std::vector<std::uint8_t> mask = mask_of(positions, run);
        const mean_activations means =
            other != nullptr ? mean_activations(0) : healthy_means(run, model.config().layers.size());
        detail::patching_tap tap{other, means, mask, scores};
        no_tap none;
        objective_gradient(model.decoder(), run).pass(objective, tap, executor, none);
        return scores;
    }
};

}  // namespace unloop::inline v0

#endif
