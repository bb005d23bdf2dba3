// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy: many plans on few prompts, the better part of them on more, and so on.
#ifndef UNLOOP_SEARCH_SUCCESSIVE_HALVING_HPP
#define UNLOOP_SEARCH_SUCCESSIVE_HALVING_HPP

#include <unloop/edit/operators.hpp>
#include <unloop/search/search_strategy.hpp>

#include <algorithm>    // clamp, max, min, stable_sort
#include <cstddef>      // size_t
#include <string_view>  // name
#include <utility>      // move
#include <vector>       // plans

namespace unloop::inline v0 {

/// Round 0 tries candidates (those of free generation, then those of exact re-scoring, each under its own factor and
/// then under the grid) on `first_probes`, up to `plans` of them and to what the budget allows; each later round takes
/// the cheapest 1 / `ratio` of the round before to `ratio` times as many probes, and the last round sees the whole
/// suite. (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS
/// 2016.) Each round costs about as much as the one before.
struct successive_halving {
    static constexpr std::string_view name = "halving";
    std::size_t plans = 64;
    std::size_t first_probes = 3;  ///< at least 1
    std::size_t ratio = 2;         ///< at least 2
    trial_cost cost{};

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) {
        std::vector<plan> proposed = state.round == 0 ? candidates(found, state) : survivors(state);
        seen_ = state.trials.size();
        return proposed;
    }
    [[nodiscard]] std::size_t probes_for(const search_state& state) const {
        std::size_t probes = first_probes;
        for (std::size_t round = 0; round < state.round && probes < state.probes; ++round)
            probes *= std::max<std::size_t>(ratio, 2);
        return std::min(probes, state.probes);
    }

  private:
    /// So many that all rounds fit into the budget.
    [[nodiscard]] std::size_t first_plans(const search_state& state) const {
        std::size_t rounds = 1;
        for (std::size_t probes = first_probes; probes < state.probes; probes *= std::max<std::size_t>(ratio, 2))
            ++rounds;
        const std::size_t affordable =
            state.plans_left * state.probes / (rounds * std::min(first_probes, state.probes));
        return std::clamp<std::size_t>(affordable, 1, plans);
    }
    [[nodiscard]] std::vector<plan> candidates(const localization& found, const search_state& state) const {
        const std::size_t most = first_plans(state);
        std::vector<plan> made;
        const auto add = [&](const target_factor& edit) {
            plan one = scale(edit.target, edit.factor);
            one.note = to_string(edit.target);
            if (made.size() < most) detail::add_new(made, state, std::move(one));
        };
        for (const free_candidate& candidate : found.free) add(candidate.edit);
        for (const exact_candidate& candidate : found.exact) add(candidate.edit);
        for (const float factor : factor_grid)
            for (const exact_candidate& candidate : found.exact) add({candidate.edit.target, factor});
        return made;
    }
    [[nodiscard]] std::vector<plan> survivors(const search_state& state) const {
        std::vector<const trial*> ranked;
        for (std::size_t i = seen_; i < state.trials.size(); ++i) ranked.push_back(&state.trials[i]);
        const bool was_last = ranked.empty() || !ranked.front()->is_partial;
        std::vector<plan> kept;
        if (was_last) return kept;
        std::stable_sort(ranked.begin(), ranked.end(),
                         [&](const trial* a, const trial* b) { return cost(*a) < cost(*b); });
        ranked.resize(std::max<std::size_t>(ranked.size() / std::max<std::size_t>(ratio, 2), 1));
        for (const trial* one : ranked) kept.push_back(one->edit);
        return kept;
    }

    std::size_t seen_ = 0;
};
static_assert(search_strategy<successive_halving> && probe_chooser<successive_halving>);

}  // namespace unloop::inline v0

#endif
