// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Onset activation difference: how much a target's activation rises when repeating begins.
#ifndef UNLOOP_ATTRIBUTE_ONSET_DIFFERENCE_HPP
#define UNLOOP_ATTRIBUTE_ONSET_DIFFERENCE_HPP

#include <unloop/attribute/loop_and_healthy.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/attribute/target_strength.hpp>

#include <algorithm>    // min
#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <string_view>  // name

namespace unloop::inline v0 {

/// score = mean activation over `window` positions from the second copy on, minus the mean over the `window`
/// positions before it (Hiraoka, Inui, "Repetition neurons", 2024, with window 30). The activation of an expert is
/// its weight, that of its neurons theirs times that weight; 0 where a token did not choose it; that of a head the
/// Euclidean norm of what it writes. Kinds cannot be compared. Shorter where the run is; the objective plays no part.
/// O(layers * window * (width + hidden * query width)).
struct onset_difference {
    static constexpr std::string_view name = "onset_difference";
    std::size_t window = 30;

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& /*executor*/) const {
        target_scores scores(model.config());
        const std::size_t onset = std::min(run.onset, run.length() - 1);
        const std::size_t before = onset - std::min(window, onset), after = std::min(onset + window, run.length());
        const auto share_of = [&](std::size_t t) {
            return t < onset ? -1.0 / static_cast<double>(onset - before) : 1.0 / static_cast<double>(after - onset);
        };
        const parameter_table parameters(model.decoder());
        for (std::size_t l = 0; l < scores.layers(); ++l) {
            for (std::size_t t = before; t < after; ++t) add(run, l, t, share_of(t), scores);
            const auto* const output =
                parameters.matrix({static_cast<std::int32_t>(l), parameter_role::attention_output});
            if (output == nullptr) continue;
            for_each_head_norm(model.decoder().backend(), *output, run.heads_of(l).rows(before, after - before),
                               scores.dimensions(l).head_size, [&](std::size_t t, std::size_t head, double norm) {
                                   scores.of<head_id>(l)[head] += share_of(before + t) * norm;
                               });
        }
        return scores;
    }

  private:
    /// Adds the activations of position `t`, times `share`, of all but heads.
    static void add(const recorded_run& run, std::size_t l, std::size_t t, double share, target_scores& scores) {
        for_each_activation(run, scores.dimensions(l), l, t,
                            [&]<class Id>(const Id& id, double activation, double expert_weight) {
                                if constexpr (!std::same_as<Id, head_id>)
                                    scores[id] += share * expert_weight * activation;
                            });
    }
};

}  // namespace unloop::inline v0

#endif
