// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What the steps of the line tell a person.
#include <unloop/report/number_text.hpp>
#include <unloop/report/table.hpp>

#include <set>  // listed heads

#include "line.hpp"
#include "result_table.hpp"

namespace tool {

namespace {

using namespace unloop;

std::string factor_text(float factor) {
    std::string text = fixed_text(static_cast<double>(factor), 4);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

/// Change of the loop margin without each branch of each layer; empty when it was not asked for.
std::string layers_text(const localization& found) {
    if (found.layers.empty()) return {};
    using enum alignment;
    table rows({{"layer", right}, {"attention = 0", right}, {"= mean", right}, {"MLP = 0", right}, {"= mean", right}});
    for (const layer_changes& layer : found.layers)
        rows.add({std::to_string(layer.zero.layer), fixed_text(layer.zero.attention, 2),
                  fixed_text(layer.mean.attention, 2), fixed_text(layer.zero.feed_forward, 2),
                  fixed_text(layer.mean.feed_forward, 2)});
    return "\nchange of the loop margin without a branch\n" + rows.text();
}

/// "3.17 x -1  -2.40", of the candidates of one kind, best first.
template <class Id, class Candidates, class Value>
std::vector<std::string> candidate_texts(const Candidates& candidates, const Value& value) {
    std::vector<std::string> texts;
    for (const auto& candidate : candidates)
        if (std::holds_alternative<Id>(candidate.edit.target))
            texts.push_back(dotted(candidate.edit.target) + " x " + factor_text(candidate.edit.factor) + "  " +
                            value(candidate));
    return texts;
}

/// One kind of target: each method's best side by side, then the candidates.
template <class Id>
std::string rankings_text(const localization& found, std::size_t count) {
    std::vector<table_column> columns{{std::string(target_kind<Id>::name) + "s", alignment::right}};
    std::vector<std::vector<std::string>> rankings;
    for (const method_scores& method : found.methods) {
        columns.push_back({(method.is_baseline ? "baseline " : "") + method.name});
        std::vector<std::string>& texts = rankings.emplace_back();
        for (const Id& id : method.scores.best<Id>(count))
            texts.push_back(dotted(id) + "  " + fixed_text(method.scores[id], 2));
    }
    columns.push_back({"exact change"}), columns.push_back({"free generation"});
    rankings.push_back(
        candidate_texts<Id>(found.exact, [](const exact_candidate& one) { return fixed_text(one.loop_change, 2); }));
    rankings.push_back(candidate_texts<Id>(found.free, [&](const free_candidate& one) {
        return std::to_string(one.loops) + "/" + std::to_string(found.free_prompts);
    }));
    table ranks(columns);
    for (std::size_t i = 0; i < rankings.front().size(); ++i) {
        std::vector<std::string> cells{std::to_string(i + 1)};
        for (const auto& texts : rankings) cells.push_back(i < texts.size() ? texts[i] : std::string());
        ranks.add(std::move(cells));
    }
    return ranks.text();
}

/// What the listed heads do with random tokens that are said twice.
std::string patterns_text(const localization& found, std::size_t count) {
    std::set<head_id> listed;
    for (const method_scores& method : found.methods)
        for (const head_id& id : method.scores.best<head_id>(count)) listed.insert(id);
    for (const free_candidate& one : found.free)
        if (const auto* const id = std::get_if<head_id>(&one.edit.target)) listed.insert(*id);
    table rows({{"head"}, {"attention to the first token", alignment::right}, {"induction", alignment::right}});
    for (const head_id& id : listed) {
        const head_pattern& pattern =
            found.head_patterns[static_cast<std::size_t>(id.layer)][static_cast<std::size_t>(id.head)];
        rows.add({dotted(id), fixed_text(pattern.to_first, 2), fixed_text(pattern.induction, 2)});
    }
    return rows.text();
}

/// What each edit brings on healthy texts, in the order of the descent.
std::string descent_text(const localization& found) {
    table rows({{"healthy texts"}, {"nats a token, all", alignment::right}, {"this one, held out", alignment::right}});
    for (const descent_step& step : found.descent) {
        const target_edit& added = step.edit.edits.back();
        rows.add({to_string(added.target) + " x " + factor_text(added.factor), fixed_text(step.surprise_rise, 3),
                  fixed_text(step.held_out_rise, 3)});
    }
    return rows.text();
}

/// "3.17" of a neuron, "expert 3.5" of an expert.
std::string short_name(const target_id& target) {
    return std::holds_alternative<neuron_id>(target) ? dotted(target) : to_string(target);
}

}  // namespace

std::string brief(const plan& edits) {
    std::string text;
    for (const target_edit& edit : edits.edits)
        text += (text.empty() ? "" : ", ") + (edit.kind != edit_kind::scale
                                                  ? to_string(edit)
                                                  : short_name(edit.target) + " x " + factor_text(edit.factor));
    return text;
}

std::string describe(const sealed_fault& sealed, const std::string& out, const std::string& seal) {
    table facts({{""}, {""}});
    const planting& planted = sealed.planted;
    const std::string kind(name_of(kind_of(planted.targets.front())));
    const std::size_t culprits = planted.targets.size();
    facts.add({"drawn", std::to_string(planted.draws.size()) + " times " + std::to_string(culprits) + " " + kind +
                            (culprits == 1 ? "" : "s") + " until the model broke"});
    if (!planted.decoys.empty())
        facts.add({"decoys", std::to_string(planted.decoys.size()) + " besides, with which alone " +
                                 std::to_string(planted.loops_decoys) + " answers loop and texts diverge by " +
                                 fixed_text(planted.divergence_decoys, 3) + " nats a token"});
    facts.add({"loops", std::to_string(planted.loops_unbroken) + " of " + std::to_string(planted.answers) +
                            " answers before, " + std::to_string(planted.loops_broken) + " after"});
    facts.add({"broken", out});
    facts.add({"sealed", seal + ", SHA-256 " + sealed.sha256});
    return facts.text();
}

std::string describe(const localization& found, std::size_t count) {
    std::string text = std::to_string(found.looping) + " of " + std::to_string(found.answers) + " answers loop, " +
                       std::to_string(found.explained) + " explained\n";
    if (found.methods.empty()) return text;
    for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
        if (found.methods.front().scores.count<Id>() > 0) text += rankings_text<Id>(found, count);
    });
    if (!found.head_patterns.empty()) text += patterns_text(found, count);
    if (!found.descent.empty()) text += descent_text(found);
    return text + layers_text(found);
}

std::string describe(const search_result& result) {
    using enum alignment;
    table rows({{"plan"},
                {"loops"},
                {"distinct", right},
                {"ends well", right},
                {"KL", right},
                {"copying", right},
                {"budget"}});
    const auto add = [&](const std::string& name, const measurement& measured, const std::string& kl,
                         double copying_lost, const char* budget) {
        rows.add({name, rate_text(measured.outcomes.loops()), fixed_text(measured.distinct_items.mean, 1),
                  fixed_text(measured.outcomes.share(outcome::ended_with_content).value(), 2), kl,
                  result.copying ? fixed_text(*result.copying - copying_lost, 2) : "-", budget});
    };
    add("as shipped", result.unedited, "-", 0, "");
    for (std::size_t i = 0; i < result.trials.size(); ++i) {
        const trial& tried = result.trials[i];
        add(brief(tried.edit), tried.measured, fixed_text(tried.healthy.mean, 3), tried.copying_lost,
            tried.is_partial      ? "some prompts"
            : result.best == i    ? "chosen"
            : tried.within_budget ? "within"
                                  : "exceeded");
    }
    return rows.text();
}

std::string describe_selection(const search_result& result) {
    using enum alignment;
    if (result.front.empty()) return {};
    table rows({{"nothing is better in all three than"}, {"weights", right}, {"loops"}, {"KL", right}});
    for (const std::size_t i : result.front)
        rows.add({brief(result.trials[i].edit), std::to_string(result.trials[i].weights),
                  rate_text(result.trials[i].measured.outcomes.loops()), fixed_text(result.trials[i].healthy.mean, 3)});
    std::string text = rows.text();
    if (!result.noise || !result.noise->is_within()) return text;
    const selection_noise& noise = *result.noise;
    text += "\nwarning: " + std::to_string(noise.loops_best) + " loops in place of " +
            std::to_string(noise.loops_unedited) + " are within the noise of the best of " +
            std::to_string(noise.plans) + " plans (p " + fixed_text(noise.p, 4) + ", corrected " +
            fixed_text(noise.corrected_p, 2) + ")";
    if (!noise.loops_null.empty()) {
        text += "; edits that change next to nothing leave";
        for (const std::size_t loops : noise.loops_null) text += " " + std::to_string(loops);
    }
    return text + "\n";
}

}  // namespace tool
