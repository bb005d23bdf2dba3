// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Two plain baselines that any attribution should beat: unusual weights, and strong neurons.
#ifndef UNLOOP_ATTRIBUTE_BASELINES_HPP
#define UNLOOP_ATTRIBUTE_BASELINES_HPP

#include <unloop/attribute/neuron_scores.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <cmath>        // sqrt
#include <cstddef>      // size_t
#include <string_view>  // names
#include <vector>       // norms

namespace unloop::inline v0 {

/// Euclidean norm of each column of `down`, [width]. O(hidden * width).
[[nodiscard]] inline std::vector<double> column_norms(const weight_view& down) {
    std::vector<double> norms(down.columns);
    std::vector<float> row(down.columns);
    for (std::size_t h = 0; h < down.rows; ++h) {
        decode_row(down, h, row);
        for (std::size_t j = 0; j < row.size(); ++j)
            norms[j] += static_cast<double>(row[j]) * static_cast<double>(row[j]);
    }
    for (double& norm : norms) norm = std::sqrt(norm);
    return norms;
}

/// score(j) = z-score, among the neurons of its layer, of the norm of row j of `up`. Looks at weights alone.
struct weight_norm {
    static constexpr std::string_view name = "weight_norm";

    template <class Model, class Objective, class Executor>
    [[nodiscard]] neuron_scores score(const Model& model, const recorded_run& /*run*/, const Objective& /*objective*/,
                                      Executor& executor) const {
        neuron_scores scores(model.config());
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                const weight_view& up = model.decoder().layer(l).feed_forward.up;
                std::vector<float> row(up.columns);
                double sum = 0, squares = 0;
                for (std::size_t j = 0; j < up.rows; ++j) {
                    decode_row(up, j, row);
                    double own = 0;
                    for (float value : row) own += static_cast<double>(value) * static_cast<double>(value);
                    scores.layer(l)[j] = std::sqrt(own);
                    sum += std::sqrt(own), squares += own;
                }
                const auto n = static_cast<double>(up.rows);
                const double deviation = std::sqrt(std::max(squares / n - sum / n * sum / n, 1e-30));
                for (double& value : scores.layer(l)) value = (value - sum / n) / deviation;
            }
        });
        return scores;
    }
};

/// score(j) = mean over positions of |neuron j| times the norm of column j of `down`: how much it writes on the run.
struct neuron_strength_on_run {
    static constexpr std::string_view name = "strength";

    template <class Model, class Objective, class Executor>
    [[nodiscard]] neuron_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& executor) const {
        neuron_scores scores(model.config());
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                const std::vector<double> norms = column_norms(model.decoder().layer(l).feed_forward.down);
                for (std::size_t t = 0; t < run.length(); ++t)
                    for (std::size_t j = 0; j < norms.size(); ++j)
                        scores.layer(l)[j] += std::abs(static_cast<double>(run.neurons_of(l)[t][j])) * norms[j] /
                                              static_cast<double>(run.length());
            }
        });
        return scores;
    }
};

}  // namespace unloop::inline v0

#endif
