// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Two plain baselines that any attribution should beat: unusual weights, and strong targets.
#ifndef UNLOOP_ATTRIBUTE_BASELINES_HPP
#define UNLOOP_ATTRIBUTE_BASELINES_HPP

#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/attribute/target_strength.hpp>
#include <unloop/model/parameter_table.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>    // max
#include <cmath>        // abs, sqrt
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <span>         // norms
#include <string_view>  // names
#include <vector>       // rows

namespace unloop::inline v0 {

/// score = z-score, among the targets of its kind and layer, of the norm of a target's weights: of a neuron its row of
/// `up`, of an expert the whole of `down` times the factor that the model has for it, of a head its columns of the
/// attention's output projection. Looks at weights alone.
struct weight_norm {
    static constexpr std::string_view name = "weight_norm";

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& /*run*/, const Objective& /*objective*/,
                                      Executor& executor) const {
        target_scores scores(model.config());
        const parameter_table parameters(model.decoder());
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                const auto layer = static_cast<std::int32_t>(l);
                if (const auto* const up = parameters.matrix({layer, parameter_role::up}))
                    row_norms(*up, scores.of<neuron_id>(l));
                measure_experts(parameters, layer, scores);
                if (const auto* const output = parameters.matrix({layer, parameter_role::attention_output}))
                    measure_heads(*output, scores.of<head_id>(l));
                for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) { standardise(scores.of<Id>(l)); });
            }
        });
        return scores;
    }

  private:
    /// Of each row, into `norms`; returns the sum of all squares.
    static double row_norms(const weight_view& weights, std::span<double> norms) {
        std::vector<float> row(weights.columns);
        double all = 0;
        for (std::size_t j = 0; j < weights.rows; ++j) {
            decode_row(weights, j, row);
            double own = 0;
            for (float value : row) own += static_cast<double>(value) * static_cast<double>(value);
            norms[j] = std::sqrt(own);
            all += own;
        }
        return all;
    }
    static void measure_experts(const parameter_table& parameters, std::int32_t layer, target_scores& scores) {
        const auto l = static_cast<std::size_t>(layer);
        const std::size_t experts = scores.dimensions(l).experts, width = scores.dimensions(l).expert_width;
        const vector_parameter factors = parameters.vector({layer, parameter_role::expert_scale});
        for (std::size_t e = 0; e < experts; ++e) {
            const auto expert = static_cast<std::int32_t>(e);
            row_norms(*parameters.matrix({layer, parameter_role::expert_up, expert}),
                      std::span(scores.of<expert_neuron_id>(l)).subspan(e * width, width));
            const matrix_parameter& down = *parameters.matrix({layer, parameter_role::expert_down, expert});
            std::vector<double> rows(down.rows);
            const double factor = factors.empty() ? 1.0 : std::abs(static_cast<double>(factors[e]));
            scores.of<expert_id>(l)[e] = factor * std::sqrt(row_norms(down, rows));
        }
    }
    static void measure_heads(const weight_view& output, std::span<double> heads) {
        const std::vector<double> columns = column_norms(output);
        for (std::size_t c = 0; c < columns.size(); ++c)
            heads[c / (columns.size() / heads.size())] += columns[c] * columns[c];
        for (double& norm : heads) norm = std::sqrt(norm);
    }
    static void standardise(std::span<double> values) {
        if (values.empty()) return;
        const auto n = static_cast<double>(values.size());
        double sum = 0, squares = 0;
        for (const double value : values) sum += value, squares += value * value;
        const double deviation = std::sqrt(std::max(squares / n - sum / n * sum / n, 1e-30));
        for (double& value : values) value = (value - sum / n) / deviation;
    }
};

/// score = mean over positions of how much the target writes on the run; see `target_strength`.
struct strength_on_run {
    static constexpr std::string_view name = "strength";

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& executor) const {
        target_scores scores(model.config());
        const parameter_table parameters(model.decoder());
        const double share = 1.0 / static_cast<double>(run.length());
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                const target_strength strength(parameters, l, scores.dimensions(l));
                strength.add_heads(model.decoder().backend(), run.heads_of(l), share, scores);
                for (std::size_t t = 0; t < run.length(); ++t) {
                    strength.add_neurons(run.neurons_of(l)[t], share, scores);
                    run.for_each_chosen(l, t, [&](std::int32_t expert, float weight, std::span<const float> neurons) {
                        strength.add_expert(expert, weight, neurons, share, scores);
                    });
                }
            }
        });
        return scores;
    }
};

}  // namespace unloop::inline v0

#endif
