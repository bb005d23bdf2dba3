// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Search: plans that a strategy proposes are measured by full generation, and the best within a budget is kept.
#ifndef UNLOOP_SEARCH_SEARCH_HPP
#define UNLOOP_SEARCH_SEARCH_HPP

#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/measurement.hpp>
#include <unloop/search/localize.hpp>

#include <algorithm>  // min
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <limits>     // no budget
#include <optional>   // nothing may be found
#include <vector>     // trials

namespace unloop::inline v0 {

/// What an edit may cost. A plan that costs more loses, however few loops it leaves.
struct search_budget {
    double token_kl = 0.05;       ///< nats a token on healthy texts, unedited against edited
    double fewer_items = 0.1;     ///< share of the unedited model's distinct items that may be lost
    double early_endings = 0.05;  ///< share of answers that may newly end early or turn to prose
    /// For a model that is broken altogether: its own distribution is no measure of health.
    [[nodiscard]] static constexpr search_budget unlimited() noexcept {
        constexpr double none = std::numeric_limits<double>::infinity();
        return {none, none, none};
    }
};

/// A plan that was tried.
struct trial {
    plan edit;
    measurement measured;
    divergence healthy;  ///< KL on the texts of the search
    bool within_budget = false;
};

struct search_state {
    const measurement& unedited;
    const std::vector<trial>& trials;  ///< of all rounds so far
    std::size_t round = 0;
    std::size_t plans_left = 0;  ///< that may still be tried
};

/// `std::vector<plan> propose(localization, state)`: the plans of the next round; none ends the search. Laws and
/// examples: docs/concepts/search_strategy.md.
template <class Strategy>
concept search_strategy = requires(Strategy& strategy, const localization& found, const search_state& state) {
    { strategy.propose(found, state) } -> std::same_as<std::vector<plan>>;
};

/// Stops compilation with one sentence when `Strategy` is no `search_strategy`.
template <class Strategy>
constexpr void require_search_strategy() noexcept {
    static_assert(search_strategy<Strategy>,
                  "search_strategy: needs std::vector<unloop::plan> propose(const unloop::localization&, const "
                  "unloop::search_state&); see docs/concepts/search_strategy.md");
}

struct search_options {
    answer_options answers{.max_tokens = 160};
    std::size_t most_plans = 24;
    forced_options texts;
};

struct search_result {
    measurement unedited;
    std::vector<trial> trials;        ///< in the order tried
    std::optional<std::size_t> best;  ///< the best trial within the budget, if it leaves fewer loops than no edit
    std::optional<std::size_t> fewest_loops;  ///< the trial with the fewest loops, whatever it costs
};

namespace detail {

inline std::size_t loops_of(const measurement& measured) { return measured.outcomes.loops().count; }

[[nodiscard]] inline bool within(const search_budget& budget, const measurement& unedited, const trial& tried) {
    const auto cut_short = [](const measurement& m) {
        return m.outcomes.share(outcome::ended_early).value() + m.outcomes.share(outcome::refusal_or_prose).value();
    };
    const bool keeps_items = budget.fewer_items >= 1 || tried.measured.distinct_items.mean >=
                                                            (1 - budget.fewer_items) * unedited.distinct_items.mean;
    return tried.healthy.mean <= budget.token_kl && keeps_items &&
           cut_short(tried.measured) <= cut_short(unedited) + budget.early_endings;
}

/// Fewer loops, an edit more having to save more than one of them (a single loop is noise, and the smallest edit is
/// what is asked for); then more answers that end with content; then less divergence; then fewer edits.
[[nodiscard]] inline bool better(const trial& a, const trial& b) {
    const auto price = [](const trial& t) { return loops_of(t.measured) + t.edit.size(); };
    if (price(a) != price(b)) return price(a) < price(b);
    if (a.edit.size() != b.edit.size()) return a.edit.size() < b.edit.size();
    const auto content = [](const trial& t) { return t.measured.outcomes.share(outcome::ended_with_content).count; };
    if (content(a) != content(b)) return content(a) > content(b);
    return a.healthy.mean < b.healthy.mean;
}

}  // namespace detail

/// Rounds of plans on the `select` suite, all plans of a round in one batch; `texts` are healthy texts that no report
/// uses. Throws `error` when cancelled. Cost: (plans + 1) times the answers of the suite, and the texts for each plan.
template <class Model, class Strategy, class Progress = no_progress>
[[nodiscard]] search_result search(const Model& model, const localization& found, const probe_suite& suite,
                                   std::span<const forced_text> texts, Strategy strategy, const search_budget& budget,
                                   const search_options& options = {}, Progress&& progress = {}) {
    require_search_strategy<Strategy>();
    search_result result;
    const arm as_shipped{"as shipped", nullptr};
    const auto unedited = answer_suite(model, suite, std::span(&as_shipped, 1), options.answers, greedy{}, progress);
    result.unedited = measure(as_shipped.name, suite, unedited.front().answers);
    for (std::size_t round = 0; result.trials.size() < options.most_plans; ++round) {
        const std::size_t left = options.most_plans - result.trials.size();
        std::vector<plan> plans = strategy.propose(found, search_state{result.unedited, result.trials, round, left});
        if (plans.size() > left) plans.resize(left);
        if (plans.empty()) break;
        std::vector<arm> arms;
        std::vector<const plan*> edits;
        for (const plan& edit : plans) arms.push_back({edit.note, &edit}), edits.push_back(&edit);
        const auto answers = answer_suite(model, suite, arms, options.answers, greedy{}, progress);
        const std::vector<divergence> healthy = token_divergences(model, edits, texts, options.texts, progress);
        for (std::size_t i = 0; i < plans.size(); ++i) {
            trial tried{plans[i], measure(arms[i].name, suite, answers[i].answers, unedited.front().answers),
                        healthy[i], false};
            tried.within_budget = detail::within(budget, result.unedited, tried);
            result.trials.push_back(std::move(tried));
        }
    }
    for (std::size_t i = 0; i < result.trials.size(); ++i) {
        const trial& tried = result.trials[i];
        if (!result.fewest_loops || detail::better(tried, result.trials[*result.fewest_loops])) result.fewest_loops = i;
        if (!tried.within_budget || detail::loops_of(tried.measured) >= detail::loops_of(result.unedited)) continue;
        if (!result.best || detail::better(tried, result.trials[*result.best])) result.best = i;
    }
    return result;
}

}  // namespace unloop::inline v0

#endif
