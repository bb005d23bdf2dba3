// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Planting: breaks a copy of a working model by one neuron drawn by seed, so that a search can be judged by the truth.
#ifndef UNLOOP_SEARCH_PLANT_FAULT_HPP
#define UNLOOP_SEARCH_PLANT_FAULT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plant.hpp>
#include <unloop/evaluate/neuron_strength.hpp>
#include <unloop/search/loop_records.hpp>

#include <algorithm>  // find_if, stable_sort
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <vector>     // draws

namespace unloop::inline v0 {

struct planting_options {
    std::uint64_t seed = 0;
    std::size_t max_tokens = 96;  ///< of an answer
    std::size_t batch = 40;
    std::size_t threads = 1;
    std::size_t most_draws = 200;
    double screened_share = 0.02;  ///< of all neurons, the strongest on healthy answers
    int least_exponent = 2;        ///< factors are 2^least .. 2^most
    int most_exponent = 6;
};

/// A neuron that was tried, with the looping answers under each factor, smallest factor first.
struct planting_draw {
    neuron_id neuron;
    std::vector<std::size_t> loops;
};

struct planting {
    neuron_id neuron;
    int exponent = 0;         ///< the neuron is multiplied by 2^exponent
    std::size_t answers = 0;  ///< probes asked
    std::size_t loops_unbroken = 0;
    std::size_t loops_broken = 0;
    std::vector<planting_draw> draws;  ///< all that were tried, the last one broke the model
};

namespace detail {

/// The strongest neurons of all layers; the screen looks at no loop and no label.
inline std::vector<neuron_id> strongest(const neuron_strengths& strengths, double share) {
    std::vector<neuron_id> all;
    for (std::size_t l = 0; l < strengths.size(); ++l)
        for (std::size_t j = 0; j < strengths[l].size(); ++j)
            all.push_back({static_cast<std::int32_t>(l), static_cast<std::int32_t>(j)});
    const auto strength = [&](neuron_id id) {
        return strengths[static_cast<std::size_t>(id.layer)][static_cast<std::size_t>(id.neuron)];
    };
    std::stable_sort(all.begin(), all.end(), [&](neuron_id a, neuron_id b) { return strength(a) > strength(b); });
    all.resize(std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(all.size()))));
    return all;
}

/// Loops under every factor of the range, all in one batch.
template <class Model>
planting_draw try_neuron(const Model& model, std::span<const std::vector<token_id>> prompts, neuron_id neuron,
                         const planting_options& options, const generation_options& how) {
    std::vector<plan> faults;
    for (int exponent = options.least_exponent; exponent <= options.most_exponent; ++exponent)
        faults.push_back(plant(neuron, exponent).fault);
    std::vector<const plan*> arms;
    for (const plan& fault : faults) arms.push_back(&fault);
    const std::vector<record> broken = answers_until_loop(model, prompts, arms, how);
    planting_draw draw{neuron, {}};
    for (std::size_t i = 0; i < faults.size(); ++i)
        draw.loops.push_back(count_loops(std::span(broken).subspan(i * prompts.size(), prompts.size())));
    return draw;
}

}  // namespace detail

/// Draws neurons without replacement until one, multiplied by some factor of the range, makes at least half of the
/// answers to `suite` loop; its smallest such factor is taken. Throws `error` when `most_draws` did not, or progress
/// was cancelled. The seed decides everything.
template <class Model, class Progress = no_progress>
[[nodiscard]] planting plant_fault(const Model& model, const probe_suite& suite, const planting_options& options,
                                   Progress&& progress = {}) {
    require_progress_sink<Progress>();
    const std::vector<std::vector<token_id>> prompts = encode_suite(model, suite);
    const generation_options how{.max_tokens = options.max_tokens, .batch = options.batch, .threads = options.threads};
    const plan* const unbroken = nullptr;
    const std::vector<record> healthy = answers_until_loop(model, prompts, std::span(&unbroken, 1), how);
    std::vector<neuron_id> waiting =
        detail::strongest(neuron_strength(model, token_texts(healthy), options.threads), options.screened_share);
    planting planted;
    planted.answers = prompts.size();
    planted.loops_unbroken = count_loops(healthy);
    random_sequence random(options.seed);
    while (planted.draws.size() < options.most_draws && !waiting.empty()) {
        if (!progress(progress_event{"plant", static_cast<std::int64_t>(planted.draws.size()),
                                     static_cast<std::int64_t>(options.most_draws)}))
            throw error("planting was cancelled");
        const std::size_t drawn = random.below(waiting.size());
        planted.neuron = waiting[drawn];
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(drawn));
        const planting_draw& draw =
            planted.draws.emplace_back(detail::try_neuron(model, prompts, planted.neuron, options, how));
        const auto breaks = std::find_if(draw.loops.begin(), draw.loops.end(),
                                         [&](std::size_t loops) { return 2 * loops >= prompts.size(); });
        if (breaks == draw.loops.end()) continue;
        planted.exponent = options.least_exponent + static_cast<int>(breaks - draw.loops.begin());
        planted.loops_broken = *breaks;
        return planted;
    }
    throw error("no neuron of " + std::to_string(planted.draws.size()) + " drawn with seed " +
                std::to_string(options.seed) + " makes half of the answers loop; try another seed");
}

}  // namespace unloop::inline v0

#endif
