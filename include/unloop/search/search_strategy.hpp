// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy proposes plans, round by round; the driver (search.hpp) measures them.
#ifndef UNLOOP_SEARCH_SEARCH_STRATEGY_HPP
#define UNLOOP_SEARCH_SEARCH_STRATEGY_HPP

#include <unloop/search/localization.hpp>
#include <unloop/search/trial.hpp>

#include <algorithm>  // any_of, clamp, find
#include <concepts>   // convertible_to, same_as
#include <cstddef>    // size_t
#include <span>       // places
#include <string>     // notes
#include <utility>    // move
#include <vector>     // plans

namespace unloop::inline v0 {

struct search_state {
    const measurement& unedited;
    const std::vector<trial>& trials;  ///< of all rounds so far
    std::size_t round = 0;
    std::size_t plans_left = 0;  ///< that may still be tried on the whole suite
    std::size_t probes = 0;      ///< of the whole suite
};

/// `std::vector<plan> propose(localization, state)`: the plans of the next round; none ends the search. Laws and
/// examples: docs/concepts/search_strategy.md.
template <class Strategy>
concept search_strategy = requires(Strategy& strategy, const localization& found, const search_state& state) {
    { strategy.propose(found, state) } -> std::same_as<std::vector<plan>>;
};

/// A strategy that tries plans on a part of the suite first: `std::size_t probes_for(state)` is asked after `propose`,
/// with the same state; the first so many probes are used.
template <class Strategy>
concept probe_chooser = requires(const Strategy& strategy, const search_state& state) {
    { strategy.probes_for(state) } -> std::convertible_to<std::size_t>;
};

/// Stops compilation with one sentence when `Strategy` is no `search_strategy`.
template <class Strategy>
constexpr void require_search_strategy() noexcept {
    static_assert(search_strategy<Strategy>,
                  "search_strategy: needs std::vector<unloop::plan> propose(const unloop::localization&, const "
                  "unloop::search_state&); see docs/concepts/search_strategy.md");
}

/// Probes of the round that `strategy` proposed last, from 1 to all.
template <class Strategy>
[[nodiscard]] std::size_t probes_of_round(const Strategy& strategy, const search_state& state) {
    if constexpr (probe_chooser<Strategy>)
        return std::clamp<std::size_t>(strategy.probes_for(state), 1, std::max<std::size_t>(state.probes, 1));
    return state.probes;
}

namespace detail {

[[nodiscard]] inline bool was_tried(const search_state& state, const plan& proposed) {
    return std::any_of(state.trials.begin(), state.trials.end(),
                       [&](const trial& tried) { return tried.edit.edits == proposed.edits; });
}
[[nodiscard]] inline bool names_target(const plan& whole, const target_id& target) {
    return std::any_of(whole.edits.begin(), whole.edits.end(),
                       [&](const target_edit& edit) { return edit.target == target; });
}
/// Adds what is not there and was not tried.
inline void add_new(std::vector<plan>& plans, const search_state& state, plan proposed) {
    const bool is_there =
        std::any_of(plans.begin(), plans.end(), [&](const plan& earlier) { return earlier.edits == proposed.edits; });
    if (!proposed.empty() && !is_there && !was_tried(state, proposed)) plans.push_back(std::move(proposed));
}
/// The first `count` candidates of free generation under their own factors, as one plan.
[[nodiscard]] inline plan best_candidates(const localization& found, std::size_t count) {
    plan joined;
    for (const free_candidate& candidate : found.free) {
        if (joined.size() == count) break;
        if (!names_target(joined, candidate.edit.target))
            joined.edits.push_back({candidate.edit.target, candidate.edit.factor});
    }
    return joined;
}
/// What a strategy begins with: the plan that it was given, or what healthy texts tell, or the best candidates
/// together.
[[nodiscard]] inline plan start_or_best(const plan& start, const localization& found, std::size_t count) {
    if (!start.empty()) return start;
    return found.descent.empty() ? best_candidates(found, count) : found.descent.back().edit;
}
/// `whole` less the edits at these places.
[[nodiscard]] inline plan without(const plan& whole, std::span<const std::size_t> left_out, std::string note) {
    plan kept;
    kept.note = std::move(note);
    for (std::size_t i = 0; i < whole.size(); ++i)
        if (std::find(left_out.begin(), left_out.end(), i) == left_out.end()) kept.edits.push_back(whole.edits[i]);
    return kept;
}
/// `whole` without one edit, for every edit, in order; nothing where there is but one.
[[nodiscard]] inline std::vector<plan> without_each(const plan& whole) {
    std::vector<plan> plans;
    for (std::size_t i = 0; whole.size() > 1 && i < whole.size(); ++i)
        plans.push_back(without(whole, std::span(&i, 1), "without " + to_string(whole.edits[i].target)));
    return plans;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
