// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Search: plans that a strategy proposes are measured by full generation, and the best within a budget is kept.
#ifndef UNLOOP_SEARCH_SEARCH_HPP
#define UNLOOP_SEARCH_SEARCH_HPP

#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/calibrated_plans.hpp>
#include <unloop/evaluate/copying.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/search/front.hpp>
#include <unloop/search/search_memory.hpp>
#include <unloop/search/search_strategy.hpp>
#include <unloop/search/selection_noise.hpp>
#include <unloop/search/time_limit.hpp>
#include <unloop/search/weights_touched.hpp>

#include <algorithm>  // min, none_of
#include <cmath>      // isinf
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <limits>     // no limit
#include <optional>   // nothing may be found
#include <utility>    // move
#include <vector>     // trials

namespace unloop::inline v0 {

struct search_options {
    answer_options answers{.max_tokens = 160};  ///< greedy, so that one seed says all
    std::size_t most_plans = 24;                ///< on the whole suite; on half of it twice as many
    forced_options texts = {};
    std::size_t plans_at_once = 64;  ///< measured before they are kept: what an interruption loses
    double most_seconds = std::numeric_limits<double>::infinity();  ///< no further plan is measured after them
    std::size_t null_edits = 0;                                     ///< for `selection_noise`
    std::uint64_t seed = 0;                                         ///< of the null edits
};

struct search_result {
    measurement unedited;
    std::optional<double> copying;    ///< of the unedited model, where the budget limits what may be lost
    std::vector<trial> trials;        ///< in the order tried
    std::optional<std::size_t> best;  ///< the best trial within the budget, if it leaves fewer loops than no edit
    std::optional<std::size_t> fewest_loops;  ///< the trial with the fewest loops, whatever it costs
    std::vector<std::size_t> front;           ///< `search_front`
    std::vector<trial> null_edits;
    std::optional<selection_noise> noise;  ///< of the best, or else of the one with the fewest loops
    bool out_of_time = false;
};

namespace detail {

[[nodiscard]] inline probe_suite first_probes(const probe_suite& suite, std::size_t count) {
    probe_suite part = suite;
    part.probes.erase(part.probes.begin() + static_cast<std::ptrdiff_t>(std::min(count, suite.probes.size())),
                      part.probes.end());
    return part;
}

/// Measures plans on the first probes of a suite, those alone that the memory does not know.
template <class Model, class Memory, class Progress>
class trial_runner {
  public:
    trial_runner(const Model& model, const probe_suite& suite, std::span<const forced_text> texts,
                 const search_budget& budget, const search_options& options, Memory& memory, Progress& progress)
        : model_(model),
          suite_(suite),
          texts_(texts),
          budget_(budget),
          options_(options),
          memory_(memory),
          progress_(progress),
          limit_(options.most_seconds) {
        options_.answers.seeds = 1;
        if (!std::isinf(budget.copying)) random_tokens_ = repeated_random_tokens(model);
        const plan none;
        shipped_ = take(std::span(&none, 1), suite.probes.size()).front();
    }

    [[nodiscard]] const std::vector<record>& shipped() const noexcept { return shipped_.answers; }
    [[nodiscard]] std::optional<double> copying() const {
        return random_tokens_.empty() ? std::nullopt : std::optional(shipped_.copying);
    }
    [[nodiscard]] measurement unedited(std::size_t probes) const {
        return measure("as shipped", first_probes(suite_, probes), std::span(shipped_.answers).first(probes));
    }
    [[nodiscard]] bool out_of_time() const noexcept { return limit_.is_over(); }

    /// Trials of `plans`, fewer when time runs out.
    std::vector<trial> run(std::span<const plan> plans, std::size_t probes) {
        const probe_suite part = first_probes(suite_, probes);
        const measurement unedited = this->unedited(probes);
        std::vector<trial> trials;
        while (trials.size() < plans.size() && !out_of_time()) {
            const auto next =
                plans.subspan(trials.size(), std::min(options_.plans_at_once, plans.size() - trials.size()));
            std::vector<tried_plan> tried = take(next, probes);
            for (std::size_t i = 0; i < next.size(); ++i) {
                trial one{next[i],
                          measure(next[i].note, part, tried[i].answers, std::span(shipped_.answers).first(probes)),
                          std::move(tried[i].healthy),
                          false,
                          probes < suite_.probes.size(),
                          weights_touched(next[i], model_.config(), model_.file()),
                          shipped_.copying - tried[i].copying,
                          budget_.is_unlimited()};
                one.within_budget = within(budget_, unedited, one);
                trials.push_back(std::move(one));
            }
        }
        return trials;
    }

  private:
    std::vector<tried_plan> take(std::span<const plan> plans, std::size_t probes) {
        std::vector<tried_plan> tried(plans.size());
        std::vector<arm> arms;
        std::vector<const plan*> edits;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (auto known = memory_.find(plans[i], probes)) {
                tried[i] = std::move(*known);
                continue;
            }
            arms.push_back({plans[i].note, &plans[i]}), edits.push_back(&plans[i]), places.push_back(i);
        }
        if (arms.empty()) return tried;
        auto answers = answer_suite(model_, first_probes(suite_, probes), arms, options_.answers, greedy{}, progress_);
        const std::vector<divergence> healthy = token_divergences(model_, edits, texts_, options_.texts, progress_);
        std::vector<prediction_score> copied;
        if (!random_tokens_.empty())
            copied = score_predictions(model_, edits, random_tokens_, options_.texts, progress_);
        for (std::size_t k = 0; k < places.size(); ++k) {
            tried_plan& one = tried[places[k]];
            one = {std::move(answers[k].answers), healthy[k], copied.empty() ? 0 : copied[k].accuracy.mean};
            for (const record& answer : one.answers)
                if (answer.reason == stop_reason::cancelled) throw error("the search was cancelled");
            memory_.keep(plans[places[k]], probes, one);
        }
        return tried;
    }

    const Model& model_;
    const probe_suite& suite_;
    std::span<const forced_text> texts_;
    search_budget budget_;
    search_options options_;
    Memory& memory_;
    Progress& progress_;
    time_limit limit_;
    std::vector<forced_text> random_tokens_;  ///< none where copying is not measured
    tried_plan shipped_;
};

/// Fills in the best, the fewest loops and the front.
inline void choose(search_result& result) {
    for (std::size_t i = 0; i < result.trials.size(); ++i) {
        const trial& tried = result.trials[i];
        if (tried.is_partial) continue;
        if (!result.fewest_loops || better(tried, result.trials[*result.fewest_loops])) result.fewest_loops = i;
        if (!tried.within_budget || loops_of(tried.measured) >= loops_of(result.unedited)) continue;
        if (!result.best || better(tried, result.trials[*result.best])) result.best = i;
    }
    result.front = search_front(result.trials);
}

/// Whether the chosen trial is better than chance. A plan that left after a part of the suite took part in the choice.
inline void judge(search_result& result, const probe_suite& suite) {
    const auto chosen = result.best ? result.best : result.fewest_loops;
    if (!chosen) return;
    std::vector<plan> plans;  // each once, on however many probes it was tried
    for (const trial& tried : result.trials)
        if (std::none_of(plans.begin(), plans.end(), [&](const plan& p) { return p.edits == tried.edit.edits; }))
            plans.push_back(tried.edit);
    result.noise =
        judge_selection(suite, result.unedited, result.trials[*chosen].measured, plans.size(), result.null_edits);
}

}  // namespace detail

/// Rounds of plans on the `select` suite, all plans of a round in one batch; `texts` are healthy texts that no report
/// uses. What `memory` knows is not measured again. Equal arguments give equal results, unless time runs out. Throws
/// `error` when cancelled. Cost: (plans + 1) times the answers of the suite, and the texts for each plan.
template <class Model, class Strategy, class Progress = no_progress, search_memory Memory = no_search_memory>
[[nodiscard]] search_result search(const Model& model, const localization& found, const probe_suite& suite,
                                   std::span<const forced_text> texts, Strategy strategy, const search_budget& budget,
                                   const search_options& options = {}, Progress&& progress = {}, Memory&& memory = {}) {
    require_search_strategy<Strategy>();
    detail::trial_runner runner(model, suite, texts, budget, options, memory, progress);
    search_result result;
    const std::size_t all = suite.probes.size();
    result.unedited = runner.unedited(all);
    result.copying = runner.copying();
    std::size_t asked = 0;  // probes under some plan
    for (std::size_t round = 0; asked < options.most_plans * all && !result.out_of_time; ++round) {
        const std::size_t left = options.most_plans * all - asked;
        const search_state state{result.unedited, result.trials, round, left / all, all};
        std::vector<plan> plans = strategy.propose(found, state);
        const std::size_t probes = probes_of_round(strategy, state);
        plans.resize(std::min(plans.size(), left / probes));
        if (plans.empty()) break;
        std::vector<trial> trials = runner.run(plans, probes);
        result.out_of_time = trials.size() < plans.size();
        asked += trials.size() * probes;
        for (trial& one : trials) result.trials.push_back(std::move(one));
    }
    detail::choose(result);
    if (options.null_edits > 0 && !result.trials.empty() && !runner.out_of_time()) {
        const target_scores strengths =
            strength_on_texts(model, token_texts(runner.shipped()), options.answers.threads);
        std::vector<plan> drawn;
        for (const calibrated_plan& one :
             null_edits(model, strengths, texts, {.draws = options.null_edits, .seed = options.seed},
                        {.texts = options.texts}, progress))
            drawn.push_back(one.edit);
        result.null_edits = runner.run(drawn, all);
    }
    detail::judge(result, suite);
    return result;
}

}  // namespace unloop::inline v0

#endif
