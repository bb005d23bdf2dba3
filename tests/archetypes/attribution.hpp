// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Types that offer what the concepts of attribution ask for, and nothing else.
#ifndef UNLOOP_ARCHETYPES_ATTRIBUTION_HPP
#define UNLOOP_ARCHETYPES_ATTRIBUTION_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <cstddef>  // size_t
#include <span>     // logits
#include <vector>   // gradients

namespace archetypes {

/// The value of each neuron at the first decision. Neither copied nor default-constructible; its name is no string.
struct attribution {
    static constexpr const char* name = "archetype";
    explicit attribution(int /*unused*/) {}
    attribution(const attribution&) = delete;
    attribution& operator=(const attribution&) = delete;

    template <class Model, class Objective, class Executor>
    unloop::target_scores score(const Model& model, const unloop::recorded_run& run, const Objective& /*objective*/,
                                Executor& /*executor*/) const {
        unloop::target_scores scores(model.config());
        for (std::size_t l = 0; l < scores.layers(); ++l) {
            const auto neurons = run.neurons_of(l)[run.decisions.front().position - 1];
            scores.neurons(l).assign(neurons.begin(), neurons.end());
        }
        return scores;
    }
};

/// The logit of the decision's token minus that of its first alternative. Neither copied nor default-constructible.
struct objective {
    explicit objective(int /*unused*/) {}
    objective(const objective&) = delete;
    objective& operator=(const objective&) = delete;

    double value(std::span<const float> logits, const unloop::decision& at) const {
        return static_cast<double>(logits[static_cast<std::size_t>(at.loop)]) -
               static_cast<double>(logits[static_cast<std::size_t>(at.alternatives.front())]);
    }
    std::vector<unloop::logit_weight> gradient(std::span<const float> /*logits*/, const unloop::decision& at) const {
        return {{at.loop, 1.0}, {at.alternatives.front(), -1.0}};
    }
};

}  // namespace archetypes

#endif
