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

/// {"mean", "worst", "worst_text", "tokens", "by_text"}, nats.
[[nodiscard]] inline boost::json::object to_json(const divergence& from) {
    return {{"mean", from.mean},
            {"worst", from.worst},
            {"worst_text", json_text(from.worst_text)},
            {"tokens", from.tokens},
            {"by_text", boost::json::value_from(from.by_text)}};
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

/// {"mean", "interval" (bootstrap), "topics", "raised", "lowered", "sign_test_p", "by_topic": [{"topic", "before",
/// "after"}]}: after - before.
[[nodiscard]] inline boost::json::object to_json(const paired_difference& from) {
    boost::json::array by_topic;
    for (const topic_pair& pair : from.by_topic)
        by_topic.push_back({{"topic", json_text(pair.topic)}, {"before", pair.before}, {"after", pair.after}});
    return {{"mean", from.mean},
            {"interval", {from.bootstrap.low, from.bootstrap.high}},
            {"topics", from.topics},
            {"raised", from.raised},
            {"lowered", from.lowered},
            {"sign_test_p", from.sign_test_p},
            {"by_topic", std::move(by_topic)}};
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
    if (from.changes)
        object["changes"] = {{"loops", to_json(from.changes->loops)}, {"distinct_items", to_json(from.changes->items)}};
    if (from.healthy) object["kl"] = to_json(*from.healthy);
    if (from.copying) object["copying"] = to_json(*from.copying);
    if (from.repetition) object["repetition"] = to_json(*from.repetition);
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
