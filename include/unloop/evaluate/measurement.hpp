// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// All that one row of a result table needs: what became of the answers, and what the edit costs elsewhere.
#ifndef UNLOOP_EVALUATE_MEASUREMENT_HPP
#define UNLOOP_EVALUATE_MEASUREMENT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/evaluate/gold.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/outcome_shares.hpp>
#include <unloop/evaluate/paired.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/evaluate/probe_suite.hpp>

#include <cstddef>   // size_t
#include <optional>  // what was not measured
#include <span>      // answers
#include <string>    // names
#include <utility>   // move
#include <vector>    // answers

namespace unloop::inline v0 {

/// One answer, judged.
struct answer_score {
    outcome what = outcome::still_open;
    bool ended = false;              ///< by the model itself
    std::size_t distinct = 0;        ///< items named
    std::size_t repeated = 0;        ///< items that had been named before
    std::size_t tokens = 0;          ///< the end token included
    std::optional<gold_score> gold;  ///< where the probe has gold items
};

/// Answers of one arm. Shares and rates count answers; means are over answers.
struct measurement {
    std::string name;
    outcome_shares outcomes;
    rate natural_end;
    average distinct_items;
    average repeated_items;
    average tokens;
    std::optional<average> recall;     ///< over answers to probes with gold items
    std::optional<average> precision;  ///< over those of them that name anything
    std::vector<answer_score> answers;

    // Side effects, filled in by whoever measures them; see docs/concepts/side_effect_metric.md.
    std::optional<divergence> healthy;           ///< KL on reference texts
    std::optional<prediction_score> copying;     ///< on repeated random tokens
    std::optional<prediction_score> repetition;  ///< on legitimate repetition
};

namespace detail {

[[nodiscard]] inline std::vector<answer_score> score_answers(const probe_suite& suite, std::span<const record> answers,
                                                             std::span<const record> unedited) {
    std::vector<gold_list> gold;
    for (const probe& asked : suite.probes) gold.emplace_back(asked.gold);
    const outcome_rule<> rule;
    std::vector<answer_score> scores;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const record& answer = answers[i];
        if (answer.reason == stop_reason::cancelled) throw error("a cancelled run cannot be measured");
        const std::size_t n = i % suite.probes.size();
        const answer_items items = read_answer(answer.text, end_of(answer));
        std::optional<std::size_t> compared;
        if (!unedited.empty()) compared = read_answer(unedited[i].text, end_of(unedited[i])).distinct.size();
        scores.push_back({rule(answer, items, suite.probes[n].kind, compared),
                          answer.ended_naturally(),
                          items.distinct.size(),
                          items.repeated(),
                          answer.tokens.size(),
                          {}});
        if (gold[n].size() > 0) scores.back().gold = gold[n].score(items);
    }
    return scores;
}

template <class Number>
[[nodiscard]] average average_over(std::span<const answer_score> scores, const Number& number) {
    std::vector<double> values;
    for (const answer_score& score : scores)
        if (const std::optional<double> value = number(score)) values.push_back(*value);
    return average_of(values);
}

}  // namespace detail

/// Judges the answers of one arm to `suite` (as `answer_suite` orders them: probe i % probes). `unedited`: the unedited
/// model's answers to the same probes and seeds, for the outcome "ended early"; empty: no comparison, as for the
/// unedited model itself. Throws `error` when an answer was cancelled. O(characters + tokens).
[[nodiscard]] inline measurement measure(std::string name, const probe_suite& suite, std::span<const record> answers,
                                         std::span<const record> unedited = {}) {
    expects(!suite.probes.empty() && answers.size() % suite.probes.size() == 0,
            "measure: as many answers to each probe");
    expects(unedited.empty() || unedited.size() == answers.size(), "measure: the unedited answers match");
    measurement result;
    result.name = std::move(name);
    result.answers = detail::score_answers(suite, answers, unedited);
    bool has_gold = false;
    result.natural_end.total = answers.size();
    for (const answer_score& score : result.answers) {
        result.outcomes.add(score.what);
        result.natural_end.count += score.ended ? 1 : 0;
        has_gold = has_gold || score.gold.has_value();
    }
    const auto mean = [&](const auto& number) { return detail::average_over(result.answers, number); };
    using number = std::optional<double>;
    result.distinct_items = mean([](const answer_score& s) { return number(static_cast<double>(s.distinct)); });
    result.repeated_items = mean([](const answer_score& s) { return number(static_cast<double>(s.repeated)); });
    result.tokens = mean([](const answer_score& s) { return number(static_cast<double>(s.tokens)); });
    if (!has_gold) return result;
    result.recall = mean([](const answer_score& s) { return s.gold ? number(s.gold->recall.value()) : number(); });
    result.precision = mean([](const answer_score& s) {
        return s.gold && s.gold->precision.total > 0 ? number(s.gold->precision.value()) : number();
    });
    return result;
}

/// Before and after, answer by answer, paired by topic: `number(answer_score) -> double`, for example
/// `[](const answer_score& s) { return is_loop(s.what) ? 1.0 : 0.0; }`. Both measure `suite` with the same seeds.
template <class Number>
[[nodiscard]] paired_difference compare(const probe_suite& suite, const measurement& before, const measurement& after,
                                        const Number& number, const bootstrap_options& options = {}) {
    expects(before.answers.size() == after.answers.size(), "compare: the same probes and seeds");
    std::vector<double> first, second;
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < before.answers.size(); ++i) {
        first.push_back(number(before.answers[i]));
        second.push_back(number(after.answers[i]));
        topics.push_back(suite.probes[i % suite.probes.size()].topic);
    }
    return compare_by_topic(first, second, topics, options);
}

}  // namespace unloop::inline v0

#endif
