// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Onset activation difference: how much a neuron's activation rises when repeating begins.
#ifndef UNLOOP_ATTRIBUTE_ONSET_DIFFERENCE_HPP
#define UNLOOP_ATTRIBUTE_ONSET_DIFFERENCE_HPP

#include <unloop/attribute/neuron_scores.hpp>
#include <unloop/attribute/recorded_run.hpp>

#include <algorithm>    // min
#include <cstddef>      // size_t
#include <string_view>  // name

namespace unloop::inline v0 {

/// score(j) = mean activation over `window` positions from the second copy on, minus the mean over the `window`
/// positions before it (Hiraoka, Inui, "Repetition neurons", 2024, with window 30). Shorter where the run is; looks at
/// activations alone, the objective plays no part. O(layers * width * window).
struct onset_difference {
    static constexpr std::string_view name = "onset_difference";
    std::size_t window = 30;

    template <class Model, class Objective, class Executor>
    [[nodiscard]] neuron_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& /*executor*/) const {
        neuron_scores scores(model.config());
        const std::size_t onset = std::min(run.onset, run.length() - 1);
        const std::size_t before = onset - std::min(window, onset), after = std::min(onset + window, run.length());
        for (std::size_t l = 0; l < scores.layers(); ++l)
            for (std::size_t t = before; t < after; ++t) {
                const auto neurons = run.neurons_of(l)[t];
                const double weight =
                    t < onset ? -1.0 / static_cast<double>(onset - before) : 1.0 / static_cast<double>(after - onset);
                for (std::size_t j = 0; j < neurons.size(); ++j)
                    scores.layer(l)[j] += weight * static_cast<double>(neurons[j]);
            }
        return scores;
    }
};

}  // namespace unloop::inline v0

#endif
