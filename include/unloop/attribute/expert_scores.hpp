// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution to routed experts alone: by the norm of what they put out, and by how often the loop chooses them.
#ifndef UNLOOP_ATTRIBUTE_EXPERT_SCORES_HPP
#define UNLOOP_ATTRIBUTE_EXPERT_SCORES_HPP

#include <unloop/attribute/loop_and_healthy.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/model/parameter_table.hpp>

#include <algorithm>    // count, max
#include <cmath>        // sqrt
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <span>         // healthy runs
#include <string_view>  // names
#include <vector>       // tokens of an expert

namespace unloop::inline v0 {

/// score(expert) = mean over `positions` of the Euclidean norm of weight * output, in float32, before any norm behind
/// the branch; 0 where a token did not choose it. Dense neurons and neurons of experts score 0: for the latter see
/// `strength_on_run`. Says who speaks, not who is right: the objective plays no part, and where a norm follows, experts
/// that speak against each other count in full. O(tokens * experts used * hidden * width).
template <class Positions = all_positions>
struct expert_output_norm {
    static constexpr std::string_view name = "expert_output_norm";
    Positions positions = {};

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& executor) const {
        target_scores scores(model.config());
        const parameter_table parameters(model.decoder());
        const std::vector<std::uint8_t> mask = mask_of(positions, run);
        const auto covered = std::max<std::ptrdiff_t>(std::count(mask.begin(), mask.end(), std::uint8_t{1}), 1);
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l)
                for (std::size_t e = 0; e < scores.dimensions(l).experts; ++e) {
                    const expert_id id{static_cast<std::int32_t>(l), static_cast<std::int32_t>(e)};
                    scores[id] =
                        norms_of(model.decoder().backend(), parameters, run, mask, id) / static_cast<double>(covered);
                }
        });
        return scores;
    }

  private:
    /// Sum over the covered tokens that chose the expert.
    template <class Backend>
    static double norms_of(const Backend& backend, const parameter_table& parameters, const recorded_run& run,
                           std::span<const std::uint8_t> mask, const expert_id& id) {
        std::vector<float> weights, inputs;
        for (std::size_t t = 0; t < run.length(); ++t)
            run.for_each_chosen(static_cast<std::size_t>(id.layer), t,
                                [&](std::int32_t expert, float weight, std::span<const float> neurons) {
                                    if (expert != id.expert || mask[t] == 0) return;
                                    weights.push_back(weight);
                                    inputs.insert(inputs.end(), neurons.begin(), neurons.end());
                                });
        if (weights.empty()) return 0;
        const matrix_parameter& down = *parameters.matrix({id.layer, parameter_role::expert_down, id.expert});
        std::vector<float> outputs(weights.size() * down.rows);
        const matrix_view out(outputs.data(), weights.size(), down.rows);
        kernels::matmul(backend, down, const_matrix_view(inputs.data(), weights.size(), down.columns), out);
        double sum = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            double squares = 0;
            for (const float value : out[i]) squares += static_cast<double>(value) * static_cast<double>(value);
            sum += std::abs(static_cast<double>(weights[i])) * std::sqrt(squares);
        }
        return sum;
    }
};

/// score(expert) = share of the loop's tokens that chose it minus that of healthy tokens (paired activation rates:
/// SteerMoE, 2025). Other targets score 0. Positive: the loop goes where healthy text doesn't. A difference of rates
/// of few tokens is noise: compare over many records. O(tokens * experts used).
struct routing_rate_difference {
    static constexpr std::string_view name = "routing_rate_difference";
    std::span<const recorded_run> healthy = {};  ///< must outlive it; none: the run's own answer before the loop

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& /*executor*/) const {
        target_scores loop(model.config()), rest(model.config());
        double loop_positions = 0, rest_positions = 0;
        for_each_loop_position(run, [&](const recorded_run& of, std::size_t t) {
            count(of, t, loop);
            ++loop_positions;
        });
        for_each_healthy_position(run, healthy, [&](const recorded_run& of, std::size_t t) {
            count(of, t, rest);
            ++rest_positions;
        });
        for (std::size_t l = 0; l < loop.layers(); ++l)
            for (std::size_t e = 0; e < loop.of<expert_id>(l).size(); ++e)
                loop.of<expert_id>(l)[e] = loop.of<expert_id>(l)[e] / std::max(loop_positions, 1.0) -
                                           rest.of<expert_id>(l)[e] / std::max(rest_positions, 1.0);
        return loop;
    }

  private:
    static void count(const recorded_run& run, std::size_t t, target_scores& chosen) {
        for (std::size_t l = 0; l < chosen.layers(); ++l)
            run.for_each_chosen(l, t, [&](std::int32_t expert, float /*weight*/, std::span<const float> /*neurons*/) {
                chosen[expert_id{static_cast<std::int32_t>(l), expert}] += 1;
            });
    }
};

/// The scores of one expert's neurons, all others 0: which of them is behind what the expert does. O(targets).
[[nodiscard]] inline target_scores only_of(const expert_id& expert, const target_scores& scores) {
    target_scores kept(scores.all_dimensions());
    scores.for_each<expert_neuron_id>([&](const expert_neuron_id& id, double score) {
        if (id.layer == expert.layer && id.expert == expert.expert) kept[id] = score;
    });
    return kept;
}

}  // namespace unloop::inline v0

#endif
