// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy: the factors of a few targets, one target at a time.
#ifndef UNLOOP_SEARCH_COORDINATE_SEARCH_HPP
#define UNLOOP_SEARCH_COORDINATE_SEARCH_HPP

#include <unloop/search/search_strategy.hpp>

#include <cstddef>      // size_t
#include <limits>       // no cost yet
#include <string_view>  // name
#include <utility>      // move
#include <vector>       // plans

namespace unloop::inline v0 {

/// Begins with `start` and its targets, or with no edit and the best `candidates` of free generation. Each round goes
/// to the next target and tries every factor of `grid`, and leaving it out; the cheapest plan so far is where the next
/// round begins. It ends when a turn through all targets has changed nothing.
struct coordinate_search {
    static constexpr std::string_view name = "coordinates";
    plan start{};
    std::size_t candidates = 4;
    std::vector<float> grid{factor_grid.begin(), factor_grid.end()};
    trial_cost cost{};

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) {
        std::vector<plan> plans;
        if (state.round == 0) {
            begin(found, state);
            detail::add_new(plans, state, start);
            if (!plans.empty()) return plans;
        }
        take(state);
        // A target whose plans were all tried before is passed over.
        for (; plans.empty() && idle_ < targets_.size(); next_ = (next_ + 1) % targets_.size()) {
            plans = along(targets_[next_], state);
            ++idle_;
        }
        seen_ = state.trials.size();
        return plans;
    }

  private:
    void begin(const localization& found, const search_state& state) {
        best_ = start;
        targets_.clear();
        const plan whole = detail::start_or_best(start, found, candidates);
        for (const target_edit& edit : whole.edits) targets_.push_back(edit.target);
        next_ = idle_ = seen_ = 0;
        lowest_ = start.empty() ? cost(trial{{}, state.unedited, {}}) : std::numeric_limits<double>::infinity();
    }
    void take(const search_state& state) {
        for (std::size_t i = seen_; i < state.trials.size(); ++i) {
            if (!(cost(state.trials[i]) < lowest_)) continue;
            lowest_ = cost(state.trials[i]);
            best_ = state.trials[i].edit;
            idle_ = 0;
        }
    }
    [[nodiscard]] std::vector<plan> along(const target_id& target, const search_state& state) const {
        std::vector<plan> plans;
        plan others;
        for (const target_edit& edit : best_.edits)
            if (edit.target != target) others.edits.push_back(edit);
        for (const float factor : grid) {
            plan tried = others;
            tried.edits.push_back({target, factor});
            tried.note = to_string(target);
            detail::add_new(plans, state, sorted(std::move(tried)));
        }
        others.note = "without " + to_string(target);
        detail::add_new(plans, state, sorted(std::move(others)));
        return plans;
    }
    /// In the order of the targets, so that equal plans are equal.
    [[nodiscard]] plan sorted(plan edited) const {
        plan ordered;
        ordered.note = std::move(edited.note);
        for (const target_id& target : targets_)
            for (const target_edit& edit : edited.edits)
                if (edit.target == target) ordered.edits.push_back(edit);
        return ordered;
    }

    plan best_;
    std::vector<target_id> targets_;
    std::size_t next_ = 0, idle_ = 0, seen_ = 0;
    double lowest_ = 0;
};
static_assert(search_strategy<coordinate_search>);

}  // namespace unloop::inline v0

#endif
