// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Localisations and searches as JSON.
#ifndef UNLOOP_REPORT_SEARCH_JSON_HPP
#define UNLOOP_REPORT_SEARCH_JSON_HPP

#include <unloop/report/measurement_json.hpp>
#include <unloop/search/localization.hpp>
#include <unloop/search/plant_fault.hpp>
#include <unloop/search/search.hpp>

#include <boost/json.hpp>  // values
#include <cstddef>         // size_t
#include <span>            // targets

namespace unloop::inline v0 {

[[nodiscard]] inline boost::json::object to_json(const target_factor& edit) {
    boost::json::object object = to_json(edit.target);
    object["factor"] = detail::shortest_number(edit.factor);
    return object;
}

/// {"name", "baseline", "targets": [{"kind", "layer", "neuron", "score"}]}: the `listed` best of each kind, best first.
[[nodiscard]] inline boost::json::object to_json(const method_scores& method, std::size_t listed) {
    boost::json::array targets;
    for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
        for (const Id& id : method.scores.best<Id>(listed)) {
            boost::json::object object = to_json(target_id(id));
            object["score"] = method.scores[id];
            targets.push_back(std::move(object));
        }
    });
    return {{"name", method.name}, {"baseline", method.is_baseline}, {"targets", std::move(targets)}};
}

namespace detail {

/// What is told of a head beside its score.
inline void add_pattern(boost::json::object& to, const target_id& target, const localization& found) {
    const auto* const id = std::get_if<head_id>(&target);
    if (id == nullptr || found.head_patterns.empty()) return;
    const head_pattern& pattern =
        found.head_patterns[static_cast<std::size_t>(id->layer)][static_cast<std::size_t>(id->head)];
    to["to_first"] = pattern.to_first;
    to["induction"] = pattern.induction;
}

}  // namespace detail

/// Of each step the edit that it adds.
[[nodiscard]] inline boost::json::object to_json(const descent_step& step) {
    boost::json::object object = to_json(target_factor{step.edit.edits.back().target, step.edit.edits.back().factor});
    object["surprise_rise"] = step.surprise_rise;
    object["held_out_rise"] = step.held_out_rise;
    object["p"] = step.p;
    return object;
}

/// "targets" holds the candidates, best first by free generation, then by exact change; "descent" the edits of
/// `surprise_descent` in order; "methods" the three rankings and the baselines.
[[nodiscard]] inline boost::json::object to_json(const localization& found, std::size_t listed = 1000) {
    boost::json::array methods, layers, exact, free, descent;
    for (const layer_changes& layer : found.layers)
        layers.push_back({{"layer", layer.zero.layer},
                          {"zero", {{"attention", layer.zero.attention}, {"feed_forward", layer.zero.feed_forward}}},
                          {"mean", {{"attention", layer.mean.attention}, {"feed_forward", layer.mean.feed_forward}}}});
    for (const method_scores& method : found.methods) methods.push_back(to_json(method, listed));
    for (const exact_candidate& candidate : found.exact) {
        boost::json::object object = to_json(candidate.edit);
        object["score"] = candidate.loop_change;
        object["end_change"] = candidate.end_change, object["newline_change"] = candidate.newline_change;
        detail::add_pattern(object, candidate.edit.target, found);
        exact.push_back(std::move(object));
    }
    for (const free_candidate& candidate : found.free) {
        boost::json::object object = to_json(candidate.edit);
        object["loops"] = candidate.loops;
        object["ended"] = candidate.ended;
        object["score"] = static_cast<double>(found.free_prompts - candidate.loops);
        detail::add_pattern(object, candidate.edit.target, found);
        free.push_back(std::move(object));
    }
    for (const descent_step& step : found.descent) descent.push_back(to_json(step));
    return {{"answers", found.answers},           {"looping", found.looping},    {"explained", found.explained},
            {"free_prompts", found.free_prompts}, {"targets", std::move(free)},  {"exact", std::move(exact)},
            {"methods", std::move(methods)},      {"layers", std::move(layers)}, {"descent", std::move(descent)}};
}

[[nodiscard]] inline boost::json::object to_json(const trial& tried) {
    return {{"note", json_text(tried.edit.note)},
            {"edits", edits_to_json(tried.edit)},
            {"within_budget", tried.within_budget},
            {"partial", tried.is_partial},
            {"weights", tried.weights},
            {"copying_lost", tried.copying_lost},
            {"kl", to_json(tried.healthy)},
            {"measurement", to_json(tried.measured)}};
}

/// Of the chosen plan against the unedited model: {"plans", "loops_unedited", "loops_best", "p", "corrected_p",
/// "loops_null", "within"}.
[[nodiscard]] inline boost::json::object to_json(const selection_noise& noise) {
    return {{"plans", noise.plans},
            {"loops_unedited", noise.loops_unedited},
            {"loops_best", noise.loops_best},
            {"p", noise.p},
            {"corrected_p", noise.corrected_p},
            {"loops_null", json_list(noise.loops_null)},
            {"within", noise.is_within()}};
}

[[nodiscard]] inline boost::json::object to_json(const search_result& result) {
    boost::json::array trials, null_edits;
    for (const trial& tried : result.trials) trials.push_back(to_json(tried));
    for (const trial& tried : result.null_edits) null_edits.push_back(to_json(tried));
    boost::json::object object{{"unedited", to_json(result.unedited)},
                               {"trials", std::move(trials)},
                               {"best", nullptr},
                               {"front", json_list(result.front)},
                               {"null_edits", std::move(null_edits)},
                               {"out_of_time", result.out_of_time}};
    if (result.copying) object["copying"] = *result.copying;
    if (result.noise) object["noise"] = to_json(*result.noise);
    if (result.best) object["best"] = *result.best;
    if (result.fewest_loops) object["fewest_loops"] = *result.fewest_loops;
    return object;
}

namespace detail {

[[nodiscard]] inline boost::json::array targets_to_json(std::span<const target_id> targets) {
    boost::json::array list;
    for (const target_id& target : targets) list.push_back(to_json(target));
    return list;
}

}  // namespace detail

/// The answer behind the seal, and how it came about: first the (first) culprit itself, then "targets", all of them;
/// "edits" and "cure" are the plans, decoys included.
[[nodiscard]] inline boost::json::object to_json(const planting& planted) {
    boost::json::array draws;
    for (const planting_draw& draw : planted.draws) {
        boost::json::object object{{"targets", detail::targets_to_json(draw.targets)}};
        object["inverted"] = draw.inverted;
        object["loops"] = boost::json::value_from(draw.loops);
        draws.push_back(std::move(object));
    }
    boost::json::array decoys;
    for (const planted_decoy& decoy : planted.decoys) {
        boost::json::object object = to_json(decoy.target);
        object["exponent"] = decoy.exponent;
        object["is_as_strong"] = decoy.is_as_strong;
        decoys.push_back(std::move(object));
    }
    const planted_fault edits = planted.fault();
    boost::json::object object = to_json(planted.targets.front());
    object["targets"] = detail::targets_to_json(planted.targets);
    object["fault"] = name_of(planted.kind);
    object["exponent"] = planted.exponent;
    object["inverted"] = planted.inverted;
    object["answers"] = planted.answers;
    object["loops_unbroken"] = planted.loops_unbroken;
    object["loops_broken"] = planted.loops_broken;
    object["decoys"] = std::move(decoys);
    object["loops_decoys"] = planted.loops_decoys;
    object["divergence_decoys"] = planted.divergence_decoys;
    object["edits"] = edits_to_json(edits.fault);
    object["cure"] = edits_to_json(edits.cure);
    object["draws"] = std::move(draws);
    return object;
}

}  // namespace unloop::inline v0

#endif
