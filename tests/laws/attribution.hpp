// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of attribution methods as a function that names what is broken; it needs no test framework, but a model.
#ifndef UNLOOP_LAWS_ATTRIBUTION_HPP
#define UNLOOP_LAWS_ATTRIBUTION_HPP

#include <unloop/attribute/attribution.hpp>
#include <unloop/core/random.hpp>

#include <cmath>    // isfinite
#include <cstddef>  // size_t
#include <cstdint>  // uint64_t
#include <span>     // layers
#include <string>   // names of broken laws
#include <vector>   // broken laws, scores

namespace laws {

/// What an attribution method claims.
struct attribution_claims {
    bool reads_activations = true;  ///< a target that is 0 throughout the run scores 0
};

/// Random tokens, then a block of them three times, with decisions where the second and the third copy begin. `model`
/// has at least six tokens in its vocabulary.
template <class Model>
[[nodiscard]] unloop::recorded_run looping_run(const Model& model, std::uint64_t seed) {
    constexpr std::size_t healthy = 12, period = 5;
    const std::size_t vocabulary = model.config().vocabulary;
    unloop::random_sequence random(seed);
    unloop::recorded_run run;
    for (std::size_t i = 0; i < healthy + 2 * period; ++i)
        run.tokens.push_back(i < healthy + period ? static_cast<unloop::token_id>(random.below(vocabulary))
                                                  : run.tokens[i - period]);
    run.prompt_tokens = healthy / 2;
    run.onset = healthy + period;
    const unloop::token_id loop = run.tokens[healthy];
    std::vector<unloop::token_id> others;
    for (std::size_t i = 1; i <= 4; ++i)
        others.push_back(static_cast<unloop::token_id>((static_cast<std::size_t>(loop) + i) % vocabulary));
    run.decisions = {{run.onset, loop, others}, {run.onset + period, loop, others}};
    unloop::thread_pool executor(1);
    unloop::record_activations(model.decoder(), executor, run);
    return run;
}

namespace detail {

/// Whether all scores of all kinds are what `look(id, score)` wants.
template <class Look>
bool all_scores(const unloop::target_scores& scores, const Look& look) {
    bool all = true;
    unloop::for_each_target_kind([&]<class Id>(unloop::target_kind<Id>) {
        scores.for_each<Id>([&](const Id& id, double score) { all = all && look(id, score); });
    });
    return all;
}

/// Whether there is a score for each target that the model has, and no other.
template <class Model>
bool is_complete(const unloop::target_scores& scores, const Model& model) {
    const auto layers = dimensions_of(model.config());
    bool complete = scores.layers() == layers.size();
    unloop::for_each_target_kind([&]<class Id>(unloop::target_kind<Id>) {
        for (std::size_t l = 0; complete && l < layers.size(); ++l)
            complete = scores.of<Id>(l).size() == unloop::count_targets<Id>(layers[l]);
    });
    return complete;
}

inline void silence(std::vector<float>& neurons, std::size_t width) {
    for (std::size_t i = 0; i < neurons.size(); ++i)
        if (i % width % 7 == 0) neurons[i] = 0;
}

/// Every seventh neuron is 0 at all positions, those of experts too, and so is the first head of each layer.
inline unloop::recorded_run with_silent_targets(unloop::recorded_run run,
                                                std::span<const unloop::layer_dimensions> layers) {
    for (std::size_t l = 0; l < layers.size(); ++l)
        for (std::size_t i = 0; i < run.heads[l].size(); ++i)
            if (i % (layers[l].heads * layers[l].head_size) < layers[l].head_size) run.heads[l][i] = 0;
    for (auto& layer : run.neurons)
        if (!layer.empty()) silence(layer, layer.size() / run.length());
    for (auto& layer : run.experts)
        if (!layer.chosen.empty()) silence(layer.neurons, layer.neurons.size() / layer.chosen.size());
    return run;
}
/// Whether a target of such a run is silent.
template <class Id>
bool is_silent(const Id& id) {
    if constexpr (requires { id.neuron; })
        return id.neuron % 7 == 0;
    else if constexpr (requires { id.head; })
        return id.head == 0;
    else
        return false;
}

}  // namespace detail

/// The broken laws of `method` on runs of `model` under `objective`; empty if it keeps them all. Meant for small
/// models.
template <class Method, class Model, class Objective = unloop::loop_margin>
[[nodiscard]] std::vector<std::string> broken_attribution_laws(const Method& method, const Model& model,
                                                               const attribution_claims& claims = {},
                                                               const Objective& objective = {}) {
    unloop::require_target_attribution<Method, Model, Objective>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    const unloop::recorded_run run = looping_run(model, 1), other = looping_run(model, 2);
    unloop::thread_pool alone(1), several(3);
    const unloop::target_scores scores = method.score(model, run, objective, alone);

    demand(detail::is_complete(scores, model), "completeness: one score for each target that the model has");
    demand(detail::all_scores(scores, [](const auto&, double score) { return std::isfinite(score); }),
           "finiteness: scores are finite");
    demand(!detail::all_scores(scores, [](const auto&, double score) { return score == 0; }),
           "something: not all targets score 0");

    const unloop::target_scores of_other = method.score(model, other, objective, alone);
    demand(scores == method.score(model, run, objective, alone),
           "purity: equal runs give equal scores, whatever was scored before");
    demand(of_other == method.score(model, other, objective, several),
           "threads: scores do not depend on the number of threads, bit for bit");
    if (claims.reads_activations) {
        const auto silent = detail::with_silent_targets(run, dimensions_of(model.config()));
        const auto silenced = method.score(model, silent, objective, alone);
        demand(detail::all_scores(silenced,
                                  [](const auto& id, double score) { return !detail::is_silent(id) || score == 0; }),
               "silence: a target that is 0 throughout the run scores 0");
    }
    return broken;
}

}  // namespace laws

#endif
