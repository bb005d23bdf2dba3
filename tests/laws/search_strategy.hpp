// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of search strategies as a function that names what is broken; it needs no test framework and no model.
#ifndef UNLOOP_LAWS_SEARCH_STRATEGY_HPP
#define UNLOOP_LAWS_SEARCH_STRATEGY_HPP

#include <unloop/core/random.hpp>
#include <unloop/search/search.hpp>

#include <algorithm>  // all_of, find, min
#include <cmath>      // isfinite
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <string>     // names of broken laws
#include <utility>    // move
#include <vector>     // plans, broken laws

namespace laws {

namespace detail {

inline constexpr std::int32_t found_layers = 4, found_width = 12;
inline constexpr std::size_t suite_size = 20;

/// What localisation may find in a model of `found_layers` layers with `found_width` neurons each.
inline unloop::localization some_localization(std::uint64_t seed) {
    unloop::random_sequence random(seed);
    unloop::decoder_config config;
    config.layers.resize(found_layers);
    for (auto& layer : config.layers) layer.mlp_width = found_width;
    unloop::localization found;
    found.answers = 20, found.looping = 12, found.explained = 8, found.free_prompts = 12;
    for (const char* const name : {"direct_logit", "onset_difference", "weight_norm"}) {
        unloop::target_scores scores(config);
        for (std::size_t l = 0; l < scores.layers(); ++l)
            for (double& score : scores.neurons(l)) score = 2 * random.uniform() - 1;
        found.methods.push_back({name, found.methods.size() == 2, std::move(scores)});
    }
    for (const unloop::neuron_id neuron : found.methods.front().scores.best_neurons(10)) {
        const float factor = unloop::factor_grid[random.below(unloop::factor_grid.size())];
        found.exact.push_back({{neuron, factor}, -random.uniform(), 0, 0});
        if (found.free.size() < 6) found.free.push_back({{neuron, factor}, random.below(12)});
    }
    return found;
}

/// What generation may have measured: of 20 answers some loop, the others end with content.
inline unloop::measurement some_measurement(std::size_t loops) {
    unloop::measurement made;
    for (std::size_t i = 0; i < suite_size; ++i)
        made.outcomes.add(i < loops ? unloop::outcome::collapse : unloop::outcome::ended_with_content);
    return made;
}

/// Whether every edit is of a neuron that the model has, by a factor that is a number.
inline bool fits(const unloop::plan& proposed) {
    return std::all_of(proposed.edits.begin(), proposed.edits.end(), [](const unloop::target_edit& edit) {
        const auto* const id = std::get_if<unloop::neuron_id>(&edit.target);
        return id != nullptr && id->layer >= 0 && id->layer < found_layers && id->neuron >= 0 &&
               id->neuron < found_width && std::isfinite(edit.factor);
    });
}

}  // namespace detail

/// The broken laws of `strategy`, which is new; empty if it keeps them all. Plays the driver with measurements that are
/// made up.
template <class Strategy>
[[nodiscard]] std::vector<std::string> broken_search_strategy_laws(const Strategy& strategy) {
    unloop::require_search_strategy<Strategy>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    const unloop::measurement unedited = detail::some_measurement(12);
    const std::vector<unloop::trial> none;
    Strategy idle = strategy;
    demand(idle.propose(unloop::localization{}, {unedited, none, 0, 24, detail::suite_size}).empty(),
           "silence: where nothing was found, nothing is proposed");
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const unloop::localization found = detail::some_localization(seed);
        unloop::random_sequence random(seed, 1);
        Strategy played = strategy, twin = strategy;
        std::vector<unloop::trial> trials;
        std::vector<std::size_t> probes;  // of each trial
        for (std::size_t round = 0, asked = 0; asked < 24 * detail::suite_size; ++round) {
            const std::size_t left = 24 * detail::suite_size - asked;
            const unloop::search_state state{unedited, trials, round, left / detail::suite_size, detail::suite_size};
            std::vector<unloop::plan> plans = played.propose(found, state);
            demand(plans == twin.propose(found, state), "determinism: equal states give equal plans");
            demand(round > 0 || !plans.empty(), "something: where neurons were found, the first round has a plan");
            const std::size_t used = unloop::probes_of_round(played, state);
            demand(used == unloop::probes_of_round(twin, state), "determinism: equal states give equal plans");
            plans.resize(std::min(plans.size(), left / used));
            if (plans.empty()) break;
            for (unloop::plan& proposed : plans) {
                demand(!proposed.empty(), "change: no plan is empty");
                demand(detail::fits(proposed), "restraint: plans name neurons that the model has, with finite factors");
                for (std::size_t i = 0; i < trials.size(); ++i)
                    demand(probes[i] != used || trials[i].edit.edits != proposed.edits,
                           "novelty: no plan is proposed twice on as many probes");
                trials.push_back({std::move(proposed), detail::some_measurement(random.below(13)), {}, true});
                trials.back().healthy.mean = trials.back().healthy.surprise_rise = 0.1 * random.uniform();
                trials.back().within_budget = trials.back().healthy.mean < 0.05;
                trials.back().is_partial = used < detail::suite_size;
                probes.push_back(used);
                asked += used;
            }
        }
    }
    return broken;
}

}  // namespace laws

#endif
