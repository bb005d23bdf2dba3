// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Planting: breaks a copy of a working model by one target drawn by seed, so that a search can be judged by the truth.
#ifndef UNLOOP_SEARCH_PLANT_FAULT_HPP
#define UNLOOP_SEARCH_PLANT_FAULT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plant.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/search/loop_records.hpp>

#include <algorithm>  // find_if, max
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <string>     // messages
#include <variant>    // visit
#include <vector>     // draws

namespace unloop::inline v0 {

struct planting_options {
    std::uint64_t seed = 0;
    std::size_t max_tokens = 96;  ///< of an answer
    std::size_t batch = 40;
    std::size_t threads = 1;
    std::size_t most_draws = 200;
    any_target_kind kind = target_kind<neuron_id>{};  ///< of what is drawn
    double screened_share = 0.02;                     ///< of all targets of the kind, the strongest on healthy answers
    std::size_t least_screened = 8;                   ///< at least this many, where there are so few
    int least_exponent = 2;                           ///< factors are 2^least .. 2^most
    int most_exponent = 6;
};

/// A target that was tried, with the looping answers under each factor, smallest factor first.
struct planting_draw {
    target_id target;
    bool inverted = false;
    std::vector<std::size_t> loops;
};

struct planting {
    target_id target;
    int exponent = 0;         ///< the target is multiplied by 2^exponent,
    bool inverted = false;    ///< or by -2^exponent
    std::size_t answers = 0;  ///< probes asked
    std::size_t loops_unbroken = 0;
    std::size_t loops_broken = 0;
    std::vector<planting_draw> draws;  ///< all that were tried, the last one broke the model

    [[nodiscard]] planted_fault fault() const { return plant(target, exponent, inverted); }
};

namespace detail {

/// The strongest targets of the kind in all layers; the screen looks at no loop and no label.
inline std::vector<target_id> strongest(const target_scores& strengths, const planting_options& options) {
    return std::visit(
        [&]<class Id>(target_kind<Id> kind) {
            const std::size_t all = strengths.count<Id>();
            if (all == 0) throw error("the model has no " + std::string(kind.name) + "s to plant a fault in");
            const auto share = static_cast<std::size_t>(options.screened_share * static_cast<double>(all));
            const std::vector<Id> best = strengths.best<Id>(std::max(options.least_screened, share));
            return std::vector<target_id>(best.begin(), best.end());
        },
        options.kind);
}

/// Loops under every factor of the range, all in one batch.
template <class Model>
planting_draw try_target(const Model& model, std::span<const std::vector<token_id>> prompts, const target_id& target,
                         bool inverted, const planting_options& options, const generation_options& how) {
    std::vector<plan> faults;
    for (int exponent = options.least_exponent; exponent <= options.most_exponent; ++exponent)
        faults.push_back(plant(target, exponent, inverted).fault);
    std::vector<const plan*> arms;
    for (const plan& fault : faults) arms.push_back(&fault);
    const std::vector<record> broken = answers_until_loop(model, prompts, arms, how);
    planting_draw draw{target, inverted, {}};
    for (std::size_t i = 0; i < faults.size(); ++i)
        draw.loops.push_back(count_loops(std::span(broken).subspan(i * prompts.size(), prompts.size())));
    return draw;
}

}  // namespace detail

/// Draws targets without replacement until one, multiplied by some factor of the range, makes at least half of the
/// answers to `suite` loop; its smallest such factor is taken. When no target of the screen does, all are drawn once
/// more and inverted as well. Throws `error` when `most_draws` did not, or progress
/// was cancelled. The seed decides everything.
template <class Model, class Progress = no_progress>
[[nodiscard]] planting plant_fault(const Model& model, const probe_suite& suite, const planting_options& options,
                                   Progress&& progress = {}) {
    require_progress_sink<Progress>();
    const std::vector<std::vector<token_id>> prompts = encode_suite(model, suite);
    const generation_options how{.max_tokens = options.max_tokens, .batch = options.batch, .threads = options.threads};
    const plan* const unbroken = nullptr;
    const std::vector<record> healthy = answers_until_loop(model, prompts, std::span(&unbroken, 1), how);
    const std::vector<target_id> screened =
        detail::strongest(strength_on_texts(model, token_texts(healthy), options.threads), options);
    std::vector<target_id> waiting = screened;
    planting planted;
    planted.answers = prompts.size();
    planted.loops_unbroken = count_loops(healthy);
    random_sequence random(options.seed);
    while (planted.draws.size() < options.most_draws && !(planted.inverted && waiting.empty())) {
        if (waiting.empty()) planted.inverted = true, waiting = screened;
        if (!progress(progress_event{"plant", static_cast<std::int64_t>(planted.draws.size()),
                                     static_cast<std::int64_t>(options.most_draws)}))
            throw error("planting was cancelled");
        const std::size_t drawn = random.below(waiting.size());
        planted.target = waiting[drawn];
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(drawn));
        const planting_draw& draw = planted.draws.emplace_back(
            detail::try_target(model, prompts, planted.target, planted.inverted, options, how));
        const auto breaks = std::find_if(draw.loops.begin(), draw.loops.end(),
                                         [&](std::size_t loops) { return 2 * loops >= prompts.size(); });
        if (breaks == draw.loops.end()) continue;
        planted.exponent = options.least_exponent + static_cast<int>(breaks - draw.loops.begin());
        planted.loops_broken = *breaks;
        return planted;
    }
    throw error("no " + std::string(name_of(options.kind)) + " of " + std::to_string(planted.draws.size()) +
                " drawn with seed " + std::to_string(options.seed) +
                " makes half of the answers loop; try another seed");
}

}  // namespace unloop::inline v0

#endif
