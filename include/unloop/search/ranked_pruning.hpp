// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy: a plan with more and more of its edits left out, in the order in which they are missed least.
#ifndef UNLOOP_SEARCH_RANKED_PRUNING_HPP
#define UNLOOP_SEARCH_RANKED_PRUNING_HPP

#include <unloop/search/search_strategy.hpp>
#include <unloop/search/trial.hpp>

#include <algorithm>    // min, stable_sort
#include <cstddef>      // size_t
#include <numeric>      // iota
#include <span>         // the least missed
#include <string>       // notes
#include <string_view>  // name
#include <vector>       // plans

namespace unloop::inline v0 {

/// Round 0 tries `start`, or the best `candidates` of free generation together; round 1 the same without each edit;
/// round 2 without the two, three, ... edits whose absence cost least, down to one edit. A front from the whole plan to
/// a single edit for 2 n - 1 plans of n edits, where `backward_pruning` takes up to n (n + 1) / 2 and looks again after
/// each edit that went.
struct ranked_pruning {
    static constexpr std::string_view name = "ranked_pruning";
    plan start{};
    std::size_t candidates = 16;
    trial_cost cost{};

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) {
        std::vector<plan> plans;
        if (state.round == 0) {
            whole_ = detail::start_or_best(start, found, candidates);
            whole_.note = "all " + std::to_string(whole_.size());
            detail::add_new(plans, state, whole_);
        } else if (state.round == 1) {
            first_ = state.trials.size();
            plans = detail::without_each(whole_);
        } else if (state.round == 2) {
            const std::vector<std::size_t> order = by_absence(state);
            for (std::size_t count = 2; count < order.size(); ++count)
                plans.push_back(detail::without(whole_, std::span(order).first(count),
                                                "without the least " + std::to_string(count)));
        }
        return plans;
    }

  private:
    /// Edits of the whole plan, the one first without which it cost least; those that time did not suffice for are not
    /// among them.
    [[nodiscard]] std::vector<std::size_t> by_absence(const search_state& state) const {
        std::vector<std::size_t> order(std::min(whole_.size(), state.trials.size() - first_));
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return cost(state.trials[first_ + a]) < cost(state.trials[first_ + b]);
        });
        return order;
    }

    plan whole_;
    std::size_t first_ = 0;
};
static_assert(search_strategy<ranked_pruning>);

}  // namespace unloop::inline v0

#endif
