// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Direct logit attribution: what each neuron adds to the objective through the residual stream alone.
#ifndef UNLOOP_ATTRIBUTE_DIRECT_LOGIT_HPP
#define UNLOOP_ATTRIBUTE_DIRECT_LOGIT_HPP

#include <unloop/attribute/neuron_scores.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <cmath>        // sqrt
#include <cstddef>      // size_t
#include <string_view>  // name
#include <vector>       // directions

namespace unloop::inline v0 {

/// score(j) = mean over decisions of neuron_j * down[:, j] . u, where u is the objective's gradient with respect to the
/// stream behind the last layer, the scale of the final norm frozen at its recorded value (Elhage et al., "A
/// mathematical framework for transformer circuits", 2021). Holds for branches that join the stream without a norm of
/// their own. A direct effect only: what later layers make of the neuron is not in it. O(layers * hidden * width *
/// decisions).
struct direct_logit {
    static constexpr std::string_view name = "direct_logit";

    template <class Model, class Objective, class Executor>
    [[nodiscard]] neuron_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        neuron_scores scores(model.config());
        const std::size_t hidden = model.config().hidden;
        std::vector<std::vector<float>> directions;
        for (std::size_t d = 0; d < run.decisions.size(); ++d)
            directions.push_back(direction(model, run, d, objective));
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                std::vector<double>& layer = scores.layer(l);
                const weight_view& down = model.decoder().layer(l).feed_forward.down;
                std::vector<std::vector<double>> effects(directions.size(), std::vector<double>(layer.size()));
                std::vector<float> row(layer.size());
                for (std::size_t h = 0; h < hidden; ++h) {
                    decode_row(down, h, row);
                    for (std::size_t d = 0; d < directions.size(); ++d)
                        for (std::size_t j = 0; j < row.size(); ++j)
                            effects[d][j] += static_cast<double>(directions[d][h] * row[j]);
                }
                for (std::size_t d = 0; d < directions.size(); ++d) {
                    const auto neurons = run.neurons_of(l)[run.decisions[d].position - 1];
                    for (std::size_t j = 0; j < layer.size(); ++j)
                        layer[j] +=
                            static_cast<double>(neurons[j]) * effects[d][j] / static_cast<double>(directions.size());
                }
            }
        });
        return scores;
    }

  private:
    /// Gradient of the objective at decision `d` with respect to the stream before the final norm, its scale frozen.
    template <class Model, class Objective>
    static std::vector<float> direction(const Model& model, const recorded_run& run, std::size_t d,
                                        const Objective& objective) {
        const auto& decoder = model.decoder();
        const auto stream = run.residual_of(run.residual.size() - 1)[run.decisions[d].position - 1];
        double squares = 0;
        for (float value : stream) squares += static_cast<double>(value) * static_cast<double>(value);
        const double scale = 1.0 / std::sqrt(squares / static_cast<double>(stream.size()) +
                                             static_cast<double>(decoder.config().norm_epsilon));
        std::vector<float> direction(stream.size()), row(stream.size());
        for (const logit_weight& weight : objective.gradient(run.logits[d], run.decisions[d])) {
            decode_row(decoder.head_weights(), static_cast<std::size_t>(weight.token), row);
            for (std::size_t h = 0; h < row.size(); ++h)
                direction[h] += static_cast<float>(weight.factor * scale) * row[h] * decoder.final_norm().weight[h];
        }
        return direction;
    }
};

}  // namespace unloop::inline v0

#endif
