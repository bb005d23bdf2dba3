// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// All that one row of a result table needs: what became of the answers, and what the edit costs elsewhere.
#ifndef UNLOOP_EVALUATE_MEASUREMENT_HPP
#define UNLOOP_EVALUATE_MEASUREMENT_HPP

#include <unloop/core/expects.hpp>
#include <unloop/evaluate/answer_score.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/outcome_shares.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/evaluate/survival.hpp>
#include <unloop/evaluate/topic_changes.hpp>

#include <cstddef>   // size_t
#include <optional>  // what was not measured
#include <span>      // answers
#include <string>    // names
#include <utility>   // move
#include <vector>    // answers

namespace unloop::inline v0 {

/// Answers of one arm. Shares and rates count answers; means are over answers.
struct measurement {
    std::string name;
    outcome_shares outcomes;
    rate natural_end;
    average distinct_items;
    average repeated_items;
    average tokens;
    std::optional<average> recall;         ///< over answers to probes with gold items
    std::optional<average> precision;      ///< over those of them that name anything
    std::optional<average> known_recall;   ///< over answers to probes with known items (`mark_known`): of those
    std::optional<rate> process_failures;  ///< known items left out by answers that loop, of the known items of all
    std::vector<answer_score> answers;

    std::optional<topic_changes> changes;  ///< from the unedited answers, where those were given

    // Side effects, filled in by whoever measures them; see docs/concepts/side_effect_metric.md.
    std::optional<divergence> healthy;           ///< KL on reference texts
    std::optional<survival_curve> onset;         ///< answers that have not begun to loop (`loop_lifetimes`)
    std::optional<prediction_score> copying;     ///< on repeated random tokens
    std::optional<prediction_score> repetition;  ///< on legitimate repetition
    std::optional<average> short_recall;         ///< of short complete lists (`short_lists`)
};

namespace detail {

template <class Number>
[[nodiscard]] average average_over(std::span<const answer_score> scores, const Number& number) {
    std::vector<double> values;
    for (const answer_score& score : scores)
        if (const std::optional<double> value = number(score)) values.push_back(*value);
    return average_of(values);
}

inline void sum_known(measurement& result) {
    std::vector<double> recalls;
    rate failures;
    for (const answer_score& score : result.answers) {
        if (!score.known) continue;
        recalls.push_back(score.known->value());
        failures.count += score.process_failures(), failures.total += score.known->total;
    }
    if (recalls.empty()) return;
    result.known_recall = average_of(recalls);
    result.process_failures = failures;
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
    if (!unedited.empty())
        result.changes = changes_by_topic(suite, detail::score_answers(suite, unedited, {}), result.answers);
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
    detail::sum_known(result);
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
                                        const Number& number, const paired_options& options = {}) {
    return compare_scores(suite, before.answers, after.answers, number, options);
}

}  // namespace unloop::inline v0

#endif
