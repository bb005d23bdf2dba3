// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest search strategy of one's own, used as any other is, and checked with the laws of strategies.
#include <unloop/edit/plan_text.hpp>
#include <unloop/search.hpp>

#include <laws/search_strategy.hpp>

#include <iostream>
#include <limits>
#include <vector>

// [strategy]
/// Inverts the strongest neuron of each layer, alone; the strongest layer first.
struct strongest_per_layer {
    std::vector<unloop::plan> propose(const unloop::localization& found, const unloop::search_state& state) const {
        std::vector<unloop::plan> plans;
        if (state.round > 0 || found.methods.empty()) return plans;
        const unloop::target_scores& scores = found.methods.front().scores;
        std::vector<bool> has_plan(scores.layers());
        for (const auto neuron : scores.best_neurons(std::numeric_limits<std::size_t>::max())) {
            const auto layer = static_cast<std::size_t>(neuron.layer);
            if (!has_plan[layer]) plans.push_back(unloop::invert(neuron));
            has_plan[layer] = true;
        }
        return plans;
    }
};
static_assert(unloop::search_strategy<strongest_per_layer>);
// [/strategy]

int main() {
    // [laws]
    const auto broken = laws::broken_search_strategy_laws(strongest_per_layer{});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    unloop::decoder_config config;  // scores as localisation finds them, here by hand
    config.layers.resize(2);
    config.layers[0].mlp_width = config.layers[1].mlp_width = 3;
    unloop::localization found;
    found.methods.push_back({"direct_logit", false, unloop::target_scores(config)});
    found.methods[0].scores.neurons(0) = {0.1, -0.4, 0.2};
    found.methods[0].scores.neurons(1) = {0.9, 0.3, -0.8};
    const unloop::measurement unedited;
    const std::vector<unloop::trial> trials;
    for (const auto& plan : strongest_per_layer{}.propose(found, {unedited, trials, 0, 24})) std::cout << plan;
    return broken.empty() ? 0 : 1;
}
