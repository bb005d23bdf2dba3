// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A logit taken apart: what the embedding, each head, each neuron and each layer's own input add to it, without a rest.
#ifndef UNLOOP_ATTRIBUTE_LOGIT_COMPONENTS_HPP
#define UNLOOP_ATTRIBUTE_LOGIT_COMPONENTS_HPP

#include <unloop/attribute/direct_logit.hpp>
#include <unloop/attribute/frozen_stream.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <concepts>  // same_as
#include <cstddef>   // size_t
#include <span>      // branches
#include <vector>    // layers

namespace unloop::inline v0 {

/// All that writes to the residual stream, by what it adds to the objective at one decision.
struct logit_components {
    double embedding = 0;
    target_scores targets;             ///< heads, dense neurons and neurons of experts; an expert is the sum of its own
    std::vector<double> layer_inputs;  ///< by layer: what its own input puts out; 0 where it has none

    /// Of all components; experts are in it by their neurons. For a linear objective, such as `token_logit`, this is
    /// the objective; by a token's `cap_secant` it is the logit before the cap.
    [[nodiscard]] double sum() const {
        double all = embedding;
        for (const double one : layer_inputs) all += one;
        for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
            if constexpr (!std::same_as<Id, expert_id>)
                targets.for_each<Id>([&](const Id& /*id*/, double effect) { all += effect; });
        });
        return all;
    }
};

namespace detail {

[[nodiscard]] inline double along(std::span<const float> direction, std::span<const float> written) {
    double sum = 0;
    for (std::size_t i = 0; i < direction.size(); ++i)
        sum += static_cast<double>(direction[i]) * static_cast<double>(written[i]);
    return sum;
}

}  // namespace detail

/// Components of the objective at decision number `d`, with the scales of all norms frozen and a cap counted by each
/// token's secant; see `direct_logit`. There is no rest: what writes to the stream is in the list. O(layers * hidden *
/// width).
template <class Model, class Objective, class Executor>
[[nodiscard]] logit_components decompose(const Model& model, const recorded_run& run, std::size_t d,
                                         const Objective& objective, Executor& executor) {
    require_decision_objective<Objective>();
    const parameter_table parameters(model.decoder());
    const frozen_stream stream(model.decoder(), parameters, run, d, objective);
    logit_components parts{0, direct_logit::mean_effects(model, run, parameters, std::span(&stream, 1), executor), {}};
    // The embedding takes the way of the first layer's stream: all layer scales, no norm of a branch.
    parts.embedding = detail::along(stream.along_stream(0), run.residual_of(0)[stream.position()]);
    for (std::size_t l = 0; l < run.layer_inputs.size(); ++l) {
        const auto direction = stream.along_stream(l);
        const std::size_t hidden = direction.size();
        parts.layer_inputs.push_back(
            run.layer_inputs[l].empty()
                ? 0
                : detail::along(stream.along_layer_input(l),
                                std::span(run.layer_inputs[l]).subspan(stream.position() * hidden, hidden)));
    }
    return parts;
}

}  // namespace unloop::inline v0

#endif
