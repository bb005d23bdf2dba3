// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Measurements, localisations and searches as JSON: everything that a table says, and what it was made of.
#ifndef UNLOOP_REPORT_MEASUREMENT_JSON_HPP
#define UNLOOP_REPORT_MEASUREMENT_JSON_HPP

#include <unloop/edit/plan_json.hpp>
#include <unloop/evaluate/measurement.hpp>
#include <unloop/report/record_json.hpp>

#include <boost/json.hpp>  // values
#include <utility>         // move

namespace unloop::inline v0 {

/// {"count", "total", "rate", "interval": [low, high]}, Wilson 95 %.
[[nodiscard]] inline boost::json::object to_json(const rate& from) {
    const interval range = from.wilson();
    return {
        {"count", from.count}, {"total", from.total}, {"rate", from.value()}, {"interval", {range.low, range.high}}};
}

/// {"mean", "interval", "count"}, normal 95 %.
[[nodiscard]] inline boost::json::object to_json(const average& from) {
    return {{"mean", from.mean}, {"interval", {from.range.low, from.range.high}}, {"count", from.count}};
}

/// {"mean", "p95", "p99", "worst", "worst_text", "surprise_rise", "tokens", "by_text", "p95_by_text",
/// "p99_by_text"}, nats: means, and percentiles over answer tokens, of all texts and of each.
[[nodiscard]] inline boost::json::object to_json(const divergence& from) {
    boost::json::array p95, p99;
    for (const divergence_tail& tail : from.tail_by_text) p95.push_back(tail.p95), p99.push_back(tail.p99);
    return {{"mean", from.mean},
            {"p95", from.tail.p95},
            {"p99", from.tail.p99},
            {"worst", from.worst},
            {"worst_text", json_text(from.worst_text)},
            {"surprise_rise", from.surprise_rise},
            {"tokens", from.tokens},
            {"by_text", boost::json::value_from(from.by_text)},
            {"p95_by_text", std::move(p95)},
            {"p99_by_text", std::move(p99)}};
}

/// {"answers", "censored", "median" (or null), "steps": [{"tokens", "at_risk", "loops", "share", "interval"}]}: share
/// of answers that do not loop up to a number of tokens, Kaplan-Meier.
[[nodiscard]] inline boost::json::object to_json(const survival_curve& from) {
    boost::json::array steps;
    for (const survival_step& step : from.steps)
        steps.push_back({{"tokens", step.tokens},
                         {"at_risk", step.at_risk},
                         {"loops", step.loops},
                         {"share", step.share},
                         {"interval", {step.range.low, step.range.high}}});
    boost::json::object object{
        {"answers", from.answers}, {"censored", from.censored}, {"median", nullptr}, {"steps", std::move(steps)}};
    if (const auto median = from.median()) object["median"] = *median;
    return object;
}

[[nodiscard]] inline boost::json::object to_json(const prediction_score& from) {
    return {{"accuracy", to_json(from.accuracy)}, {"surprise", to_json(from.surprise)}};
}

/// The outcome shares sum to 1.
[[nodiscard]] inline boost::json::object to_json(const outcome_shares& from) {
    boost::json::object object{{"loops", to_json(from.loops())}};
    for (const outcome what : all_outcomes) object[name_of(what)] = to_json(from.share(what));
    return object;
}

/// {"mean", "interval" (bootstrap of topics), "topics", "raised", "lowered", "permutation_p", "sign_test_p",
/// "by_topic":
/// [{"topic", "before", "after"}]}: after - before.
[[nodiscard]] inline boost::json::object to_json(const paired_difference& from) {
    boost::json::array by_topic;
    for (const topic_pair& pair : from.by_topic)
        by_topic.push_back({{"topic", json_text(pair.topic)}, {"before", pair.before}, {"after", pair.after}});
    return {{"mean", from.mean},
            {"interval", {from.bootstrap.low, from.bootstrap.high}},
            {"topics", from.topics},
            {"raised", from.raised},
            {"lowered", from.lowered},
            {"permutation_p", from.permutation_p},
            {"sign_test_p", from.sign_test_p},
            {"by_topic", std::move(by_topic)}};
}

/// What an edit changes, topic by topic; of closed lists where there are any.
[[nodiscard]] inline boost::json::object to_json(const topic_changes& from) {
    boost::json::object object{{"loops", to_json(from.loops)}, {"distinct_items", to_json(from.items)}};
    if (from.gold_items) object["gold_items"] = to_json(*from.gold_items);
    if (from.precision) object["precision"] = to_json(*from.precision);
    if (from.known_recall) object["known_recall"] = to_json(*from.known_recall);
    return object;
}

/// Sums and means of an arm; its single answers stay out, their texts are in the records.
[[nodiscard]] inline boost::json::object to_json(const measurement& from) {
    boost::json::object object{{"name", json_text(from.name)},
                               {"answers", from.answers.size()},
                               {"outcomes", to_json(from.outcomes)},
                               {"natural_end", to_json(from.natural_end)},
                               {"distinct_items", to_json(from.distinct_items)},
                               {"repeated_items", to_json(from.repeated_items)},
                               {"tokens", to_json(from.tokens)}};
    if (from.recall) object["recall"] = to_json(*from.recall);
    if (from.precision) object["precision"] = to_json(*from.precision);
    if (from.known_recall) object["known_recall"] = to_json(*from.known_recall);
    if (from.process_failures) object["process_failures"] = to_json(*from.process_failures);
    if (from.changes) object["changes"] = to_json(*from.changes);
    if (from.onset) object["onset"] = to_json(*from.onset);
    if (from.healthy) object["kl"] = to_json(*from.healthy);
    if (from.copying) object["copying"] = to_json(*from.copying);
    if (from.repetition) object["repetition"] = to_json(*from.repetition);
    if (from.short_recall) object["short_recall"] = to_json(*from.short_recall);
    return object;
}

/// Only the edits: [{"kind", "layer", "neuron", ...}], as in a plan.
[[nodiscard]] inline boost::json::array edits_to_json(const plan& from) {
    boost::json::array edits;
    for (const target_edit& edit : from.edits) edits.push_back(to_json(edit));
    return edits;
}

}  // namespace unloop::inline v0

#endif
