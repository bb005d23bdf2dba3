// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact ablation as attribution methods: what the objective loses when a target is silent.
#ifndef UNLOOP_ATTRIBUTE_EXACT_EFFECT_HPP
#define UNLOOP_ATTRIBUTE_EXACT_EFFECT_HPP

#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <cstddef>      // size_t
#include <string_view>  // names
#include <variant>      // visit
#include <vector>       // candidates

namespace unloop::inline v0 {

namespace detail {

/// Every target of those kinds with factor 0; of all kinds when none is named.
template <target_type... Kinds>
[[nodiscard]] std::vector<target_factor> silenced_targets(const target_scores& scores) {
    std::vector<target_factor> candidates;
    const auto add = [&]<class Id>(target_kind<Id> /*kind*/) {
        scores.for_each<Id>([&](const Id& id, double /*score*/) { candidates.push_back({id, 0.0F}); });
    };
    if constexpr (sizeof...(Kinds) == 0)
        for_each_target_kind(add);
    else
        (add(target_kind<Kinds>{}), ...);
    return candidates;
}

/// Score of each target: minus what `change_of(candidates)` says that its silence changes.
template <target_type... Kinds, class ChangeOf>
[[nodiscard]] target_scores effects_of_silence(const decoder_config& config, const ChangeOf& change_of) {
    target_scores scores(config);
    const std::vector<target_factor> silenced = silenced_targets<Kinds...>(scores);
    const std::vector<double> changes = change_of(silenced);
    for (std::size_t i = 0; i < silenced.size(); ++i)
        std::visit([&](const auto& id) { scores[id] = changes[i] == 0 ? 0 : -changes[i]; }, silenced[i].target);
    return scores;
}

}  // namespace detail

/// score = objective minus the objective with the target silent at all positions, for every target of `Kinds` (none
/// named: of all kinds); others score 0. The truth that other methods are judged by, and their price: O(targets *
/// layers from theirs on * positions). `exact_effect<expert_id>` is the ablation of experts.
template <target_type... Kinds>
struct exact_effect {
    static constexpr std::string_view name = "exact_ablation";
    std::size_t batch = 8;  ///< candidates a pass

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        return detail::effects_of_silence<Kinds...>(model.config(), [&](const auto& silenced) {
            return exact_ablation(model, run, silenced, objective, executor, batch);
        });
    }
};

/// The same with the target silent at each decision's own position alone; see `decision_ablation`. A neuron that acts
/// through the keys and values of earlier positions is not seen. O(targets * layers from theirs on * decisions).
template <target_type... Kinds>
struct decision_effect {
    static constexpr std::string_view name = "decision_ablation";
    std::size_t batch = 32;  ///< candidates a pass

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        return detail::effects_of_silence<Kinds...>(model.config(), [&](const auto& silenced) {
            return decision_ablation(model, run, silenced, objective, executor, batch);
        });
    }
};

}  // namespace unloop::inline v0

#endif
