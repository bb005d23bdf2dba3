// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy: from many edits to few, leaving out one at a time that is not missed.
#ifndef UNLOOP_SEARCH_BACKWARD_PRUNING_HPP
#define UNLOOP_SEARCH_BACKWARD_PRUNING_HPP

#include <unloop/search/search_strategy.hpp>

#include <cstddef>      // size_t
#include <string_view>  // name
#include <utility>      // move
#include <vector>       // plans

namespace unloop::inline v0 {

/// Round 0 tries `start`, or the best `candidates` of free generation together. Each later round tries the plan kept so
/// far without one edit, for every edit; the cheapest is kept when it costs at most `slack` more than the start did,
/// and the search ends when none does: what is left is a minimum, no edit of which can go alone. Targets that make up
/// for each other are found here and not by adding one at a time. Plans: up to n (n + 1) / 2 of n edits.
struct backward_pruning {
    static constexpr std::string_view name = "pruning";
    plan start{};
    std::size_t candidates = 6;
    double slack = 0.02;
    trial_cost cost{};

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) {
        if (state.round == 0) {
            kept_ = detail::start_or_best(start, found, candidates);
            kept_.note = "all " + std::to_string(kept_.size());
        } else {
            take(state);
        }
        std::vector<plan> plans;
        if (state.round == 0) detail::add_new(plans, state, kept_);
        if (state.round > 0 && improved_)
            for (plan& fewer : detail::without_each(kept_)) detail::add_new(plans, state, std::move(fewer));
        seen_ = state.trials.size();
        return plans;
    }

  private:
    /// Keeps the cheapest of the latest round.
    void take(const search_state& state) {
        improved_ = false;
        if (seen_ >= state.trials.size()) return;
        if (state.round == 1) {
            limit_ = cost(state.trials[seen_]) + slack;
            improved_ = true;
            return;
        }
        std::size_t best = seen_;
        for (std::size_t i = seen_ + 1; i < state.trials.size(); ++i)
            if (cost(state.trials[i]) < cost(state.trials[best])) best = i;
        if (cost(state.trials[best]) > limit_) return;
        kept_ = state.trials[best].edit;
        improved_ = true;
    }

    plan kept_;
    std::size_t seen_ = 0;
    double limit_ = 0;
    bool improved_ = false;
};
static_assert(search_strategy<backward_pruning>);

}  // namespace unloop::inline v0

#endif
