// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy: the factors of many targets at once, moved by chance towards answers that loop less.
#ifndef UNLOOP_SEARCH_EVOLUTION_STRATEGY_HPP
#define UNLOOP_SEARCH_EVOLUTION_STRATEGY_HPP

#include <unloop/core/random.hpp>
#include <unloop/search/search_strategy.hpp>

#include <algorithm>    // stable_sort
#include <cmath>        // cos, log, sqrt
#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <limits>       // nothing found yet
#include <numbers>      // pi
#include <string_view>  // name
#include <utility>      // move
#include <vector>       // factors

namespace unloop::inline v0 {

/// A (mu / mu, lambda) strategy (Rechenberg; Beyer and Schwefel, "Evolution strategies", Natural Computing 2002). The
/// mean factor of each target begins at 1, no edit; each round draws `children` around the means with deviation `step`
/// (the first of a later round is the means themselves), and the means move to those of the cheapest quarter. The step
/// shrinks by `decay` after a round that found nothing cheaper than before. What is measured is free generation itself,
/// so nothing needs a gradient; the noise of greedy answers is not averaged out, and a plan edits all the targets:
/// prune it afterwards.
struct evolution_strategy {
    static constexpr std::string_view name = "evolution";
    std::size_t candidates = 16;  ///< first targets of exact re-scoring
    std::size_t children = 12;
    double step = 0.5;
    double decay = 0.8;
    double least_step = 0.05;  ///< the search ends below it
    std::uint64_t seed = 0;
    trial_cost cost{};

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) {
        if (state.round == 0)
            begin(found);
        else
            take(state);
        std::vector<plan> plans;
        seen_ = state.trials.size();
        if (targets_.empty() || step_ < least_step) return plans;
        for (std::size_t child = 0; child < children; ++child) {
            const bool is_mean = child == 0 && state.round > 0;
            plan drawn;
            for (std::size_t i = 0; i < targets_.size(); ++i) {
                const double away = is_mean ? 0 : step_ * normal(state, child, i);
                drawn.edits.push_back({targets_[i], static_cast<float>(means_[i] + away)});
            }
            drawn.note = (is_mean ? "means" : "child " + std::to_string(child + 1)) + " of round " +
                         std::to_string(state.round + 1);
            detail::add_new(plans, state, std::move(drawn));
        }
        return plans;
    }

  private:
    void begin(const localization& found) {
        targets_.clear();
        for (const exact_candidate& candidate : found.exact)
            if (targets_.size() < candidates) targets_.push_back(candidate.edit.target);
        means_.assign(targets_.size(), 1.0);
        step_ = step;
        lowest_ = std::numeric_limits<double>::infinity();
    }
    void take(const search_state& state) {
        std::vector<const trial*> ranked;
        for (std::size_t i = seen_; i < state.trials.size(); ++i) ranked.push_back(&state.trials[i]);
        if (ranked.empty()) return;
        std::stable_sort(ranked.begin(), ranked.end(),
                         [&](const trial* a, const trial* b) { return cost(*a) < cost(*b); });
        const std::size_t parents = std::max<std::size_t>(ranked.size() / 4, 1);
        for (std::size_t i = 0; i < means_.size(); ++i) {
            means_[i] = 0;
            for (std::size_t k = 0; k < parents; ++k)
                means_[i] += static_cast<double>(ranked[k]->edit.edits[i].factor) / static_cast<double>(parents);
        }
        if (cost(*ranked.front()) < lowest_)
            lowest_ = cost(*ranked.front());
        else
            step_ *= decay;
    }
    /// Box and Muller, 1958, from numbers that (seed, round, child, target) decide.
    [[nodiscard]] double normal(const search_state& state, std::size_t child, std::size_t target) const {
        const std::uint64_t stream = state.round * children + child;
        const double radius = std::sqrt(-2 * std::log(1 - random_uniform(seed, stream, 2 * target)));
        return radius * std::cos(2 * std::numbers::pi * random_uniform(seed, stream, 2 * target + 1));
    }

    std::vector<target_id> targets_;
    std::vector<double> means_;
    double step_ = 0, lowest_ = 0;
    std::size_t seen_ = 0;
};
static_assert(search_strategy<evolution_strategy>);

}  // namespace unloop::inline v0

#endif
