// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Onset activation difference: how much a target's activation rises when repeating begins.
#ifndef UNLOOP_ATTRIBUTE_ONSET_DIFFERENCE_HPP
#define UNLOOP_ATTRIBUTE_ONSET_DIFFERENCE_HPP

#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <algorithm>    // min
#include <cmath>        // sqrt
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <span>         // neurons
#include <string_view>  // name
#include <vector>       // heads

namespace unloop::inline v0 {

/// score = mean activation over `window` positions from the second copy on, minus the mean over the `window`
/// positions before it (Hiraoka, Inui, "Repetition neurons", 2024, with window 30). The activation of an expert is
/// its weight, that of its neurons theirs times that weight; 0 where a token did not choose it; that of a head the
/// Euclidean norm of what it took from the values. Kinds cannot be compared. Shorter where the run is; looks at
/// activations alone, the objective plays no part. O(layers * width * window).
struct onset_difference {
    static constexpr std::string_view name = "onset_difference";
    std::size_t window = 30;

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& /*executor*/) const {
        target_scores scores(model.config());
        const std::size_t onset = std::min(run.onset, run.length() - 1);
        const std::size_t before = onset - std::min(window, onset), after = std::min(onset + window, run.length());
        for (std::size_t l = 0; l < scores.layers(); ++l)
            for (std::size_t t = before; t < after; ++t) {
                const double weight =
                    t < onset ? -1.0 / static_cast<double>(onset - before) : 1.0 / static_cast<double>(after - onset);
                add(run, l, t, weight, scores);
            }
        return scores;
    }

  private:
    /// Adds the activations of position `t`, times `share`.
    static void add(const recorded_run& run, std::size_t l, std::size_t t, double share, target_scores& scores) {
        const auto layer = static_cast<std::int32_t>(l);
        const auto neurons = run.neurons_of(l)[t];
        for (std::size_t j = 0; j < neurons.size(); ++j)
            scores.of<neuron_id>(l)[j] += share * static_cast<double>(neurons[j]);
        add_heads(run, l, t, share, scores);
        run.for_each_chosen(l, t, [&](std::int32_t expert, float weight, std::span<const float> inner) {
            scores[expert_id{layer, expert}] += share * static_cast<double>(weight);
            for (std::size_t j = 0; j < inner.size(); ++j)
                scores[expert_neuron_id{layer, expert, static_cast<std::int32_t>(j)}] +=
                    share * static_cast<double>(weight * inner[j]);
        });
    }
    static void add_heads(const recorded_run& run, std::size_t l, std::size_t t, double share, target_scores& scores) {
        const auto channels = run.heads_of(l)[t];
        std::vector<double>& heads = scores.of<head_id>(l);
        for (std::size_t h = 0; h < heads.size(); ++h) {
            double squares = 0;
            const std::size_t size = channels.size() / heads.size();
            for (const float value : channels.subspan(h * size, size))
                squares += static_cast<double>(value) * static_cast<double>(value);
            heads[h] += share * std::sqrt(squares);
        }
    }
};

}  // namespace unloop::inline v0

#endif
