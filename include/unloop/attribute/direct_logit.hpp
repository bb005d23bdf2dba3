// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Direct logit attribution: what each target adds to the objective through the residual stream alone.
#ifndef UNLOOP_ATTRIBUTE_DIRECT_LOGIT_HPP
#define UNLOOP_ATTRIBUTE_DIRECT_LOGIT_HPP

#include <unloop/attribute/frozen_stream.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/model/parameter_table.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <span>         // directions
#include <string_view>  // name
#include <vector>       // directions

namespace unloop::inline v0 {

/// score(neuron j) = mean over decisions of neuron_j * down[:, j] . u, where u is the slope of the objective along the
/// branch's output with the scales of all norms frozen (Elhage et al., "A mathematical framework for transformer
/// circuits", 2021; see `frozen_stream`). A neuron of an expert counts times the expert's weight, and an expert is the
/// sum of its neurons; both are 0 at decisions whose token did not choose the expert. A head is the sum over its
/// channels of the same with its columns of the output projection. Scores of all kinds can be compared. A direct effect
/// only: what later layers make of it is not in it. O(layers * hidden * width * decisions), and as much for each chosen
/// expert.
struct direct_logit {
    static constexpr std::string_view name = "direct_logit";

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        const parameter_table parameters(model.decoder());
        std::vector<frozen_stream> decisions;
        for (std::size_t d = 0; d < run.decisions.size(); ++d)
            decisions.emplace_back(model.decoder(), parameters, run, d, objective);
        return mean_effects(model, run, parameters, decisions, executor);
    }

    /// The same for some decisions of the run, whose streams are given; at least one.
    template <class Model, class Executor>
    [[nodiscard]] static target_scores mean_effects(const Model& model, const recorded_run& run,
                                                    const parameter_table& parameters,
                                                    std::span<const frozen_stream> decisions, Executor& executor) {
        target_scores scores(model.config());
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                score_dense(parameters, run, decisions, l, scores);
                score_heads(parameters, run, decisions, l, scores);
                for (const frozen_stream& decision : decisions)
                    score_experts(parameters, run, decision, 1.0 / static_cast<double>(decisions.size()), l, scores);
            }
        });
        return scores;
    }

  private:
    /// direction . down[:, j] for each direction and column, [direction][column].
    static std::vector<std::vector<double>> effects_of(const weight_view& down,
                                                       std::span<const std::vector<float>> directions) {
        std::vector<std::vector<double>> effects(directions.size(), std::vector<double>(down.columns));
        std::vector<float> row(down.columns);
        for (std::size_t h = 0; h < down.rows; ++h) {
            decode_row(down, h, row);
            for (std::size_t d = 0; d < directions.size(); ++d)
                for (std::size_t j = 0; j < row.size(); ++j)
                    effects[d][j] += static_cast<double>(directions[d][h] * row[j]);
        }
        return effects;
    }

    static void score_dense(const parameter_table& parameters, const recorded_run& run,
                            std::span<const frozen_stream> decisions, std::size_t l, target_scores& scores) {
        const matrix_parameter* const down = parameters.matrix({static_cast<std::int32_t>(l), parameter_role::down});
        if (down == nullptr) return;
        std::vector<std::vector<float>> directions;
        for (const frozen_stream& decision : decisions) directions.push_back(decision.along_dense(l));
        const auto effects = effects_of(*down, directions);
        std::vector<double>& layer = scores.of<neuron_id>(l);
        for (std::size_t d = 0; d < directions.size(); ++d) {
            const auto neurons = run.neurons_of(l)[decisions[d].position()];
            for (std::size_t j = 0; j < layer.size(); ++j)
                layer[j] += static_cast<double>(neurons[j]) * effects[d][j] / static_cast<double>(directions.size());
        }
    }

    static void score_heads(const parameter_table& parameters, const recorded_run& run,
                            std::span<const frozen_stream> decisions, std::size_t l, target_scores& scores) {
        const auto layer = static_cast<std::int32_t>(l);
        const matrix_parameter* const output = parameters.matrix({layer, parameter_role::attention_output});
        if (output == nullptr) return;
        std::vector<std::vector<float>> directions;
        for (const frozen_stream& decision : decisions) directions.push_back(decision.along_attention(l));
        const auto effects = effects_of(*output, directions);
        const std::size_t size = scores.dimensions(l).head_size;
        for (std::size_t d = 0; d < directions.size(); ++d) {
            const auto channels = run.heads_of(l)[decisions[d].position()];
            for (std::size_t c = 0; c < channels.size(); ++c)
                scores.of<head_id>(l)[c / size] +=
                    static_cast<double>(channels[c]) * effects[d][c] / static_cast<double>(directions.size());
        }
    }

    static void score_experts(const parameter_table& parameters, const recorded_run& run, const frozen_stream& decision,
                              double share, std::size_t l, target_scores& scores) {
        if (run.experts_used(l) == 0) return;
        const auto layer = static_cast<std::int32_t>(l);
        const std::vector<float> direction = decision.along_experts(l);
        run.for_each_chosen(
            l, decision.position(), [&](std::int32_t expert, float weight, std::span<const float> neurons) {
                const auto& down = *parameters.matrix({layer, parameter_role::expert_down, expert});
                const auto effects = effects_of(down, std::span(&direction, 1));
                for (std::size_t j = 0; j < neurons.size(); ++j) {
                    const double part = share * static_cast<double>(weight * neurons[j]) * effects[0][j];
                    scores[expert_neuron_id{layer, expert, static_cast<std::int32_t>(j)}] += part;
                    scores[expert_id{layer, expert}] += part;
                }
            });
    }
};

}  // namespace unloop::inline v0

#endif
