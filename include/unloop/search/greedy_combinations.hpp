// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The first search strategy: single targets over the grid of factors, then the best of them together, then how much.
#ifndef UNLOOP_SEARCH_GREEDY_COMBINATIONS_HPP
#define UNLOOP_SEARCH_GREEDY_COMBINATIONS_HPP

#include <unloop/edit/operators.hpp>
#include <unloop/search/search_strategy.hpp>

#include <algorithm>    // min, stable_sort
#include <array>        // factors
#include <cstddef>      // size_t
#include <string>       // notes
#include <string_view>  // name
#include <utility>      // move
#include <vector>       // plans

namespace unloop::inline v0 {

/// The plans that healthy texts tell of, if any. Where these do not end the loops: every candidate of free generation
/// under its own factor, then the whole grid for them in order, `singles` plans; then, round after round, the best plan
/// so far joined by each of the best single edits on other targets. Where nothing is left to save, each of its targets
/// under the next powers of two, from 1/2 down to 1/64 and 0, until none is better: what is suppressed may have had
/// work to do.
struct greedy_combinations {
    static constexpr std::string_view name = "greedy";
    std::size_t singles = 14;
    std::size_t joined = 5;      ///< plans a later round
    std::size_t most_edits = 3;  ///< of one plan

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) const {
        if (state.round == 0 && !found.descent.empty()) return told_by_texts(found);
        const std::vector<const trial*> ranked = best_first(state);
        if (!ranked.empty() && detail::loops_of(ranked.front()->measured) < 2)
            return adjusted(ranked.front()->edit, state);
        if (state.round <= (found.descent.empty() ? 0U : 1U)) return single_edits(found, state);
        return ranked.empty() ? std::vector<plan>() : combinations(ranked, state);
    }

  private:
    [[nodiscard]] static std::vector<plan> told_by_texts(const localization& found) {
        std::vector<plan> plans;
        for (const descent_step& step : found.descent) plans.push_back(step.edit);
        return plans;
    }
    [[nodiscard]] std::vector<plan> single_edits(const localization& found, const search_state& state) const {
        std::vector<plan> plans;
        const auto add = [&](const target_factor& edit) {
            plan proposed = scale(edit.target, edit.factor);
            proposed.note = to_string(edit.target);
            if (plans.size() < singles) detail::add_new(plans, state, std::move(proposed));
        };
        const std::size_t firsts = std::min(found.free.size(), singles / 2);
        for (std::size_t i = 0; i < firsts; ++i) add(found.free[i].edit);
        for (const free_candidate& candidate : found.free)
            for (float factor : factor_grid) add({candidate.edit.target, factor});
        return plans;
    }

    [[nodiscard]] static std::vector<const trial*> best_first(const search_state& state) {
        std::vector<const trial*> ranked;
        for (const trial& tried : state.trials) ranked.push_back(&tried);
        std::stable_sort(ranked.begin(), ranked.end(), [](const trial* a, const trial* b) {
            return a->within_budget != b->within_budget ? a->within_budget : detail::better(*a, *b);
        });
        return ranked;
    }

    /// The factors beside one on the ladder 0, 1/64, 1/32, ..., 1/2; of others its two ends.
    [[nodiscard]] static std::array<float, 2> beside(float factor) {
        constexpr float lowest = 0x1p-6F, highest = 0.5F;
        if (factor < lowest || factor > highest) return {factor == 0 ? lowest : 0.0F, factor == 0 ? lowest : highest};
        return {factor == lowest ? 0.0F : factor / 2, std::min(2 * factor, highest)};
    }
    [[nodiscard]] static std::vector<plan> adjusted(const plan& base, const search_state& state) {
        std::vector<plan> plans;
        for (std::size_t i = 0; i < base.size(); ++i)
            for (const float factor : beside(base.edits[i].factor)) {
                plan proposed = base;
                proposed.edits[i].factor = factor;
                detail::add_new(plans, state, std::move(proposed));
            }
        return plans;
    }

    [[nodiscard]] std::vector<plan> combinations(const std::vector<const trial*>& ranked,
                                                 const search_state& state) const {
        std::vector<plan> plans;
        const plan& base = ranked.front()->edit;
        for (const trial* other : ranked) {
            if (plans.size() == joined || base.size() >= most_edits) break;
            if (other->edit.size() != 1 || detail::names_target(base, other->edit.edits.front().target)) continue;
            plan both = base + other->edit;
            both.note = base.note + " and " + other->edit.note;
            if (!detail::was_tried(state, both)) plans.push_back(std::move(both));
        }
        return plans;
    }
};
static_assert(search_strategy<greedy_combinations>);

}  // namespace unloop::inline v0

#endif
