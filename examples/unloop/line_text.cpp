// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What the steps of the line tell a person.
#include <unloop/report/number_text.hpp>
#include <unloop/report/table.hpp>

#include "line.hpp"
#include "result_table.hpp"

namespace tool {

namespace {

using namespace unloop;

std::string name_of_neuron(neuron_id id) { return std::to_string(id.layer) + "." + std::to_string(id.neuron); }

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

}  // namespace

std::string brief(const plan& edits) {
    std::string text;
    for (const neuron_edit& edit : edits.edits)
        text += (text.empty() ? "" : ", ") + name_of_neuron(edit.target) + " x " + factor_text(edit.factor);
    return text;
}

std::string describe(const sealed_fault& sealed, const std::string& out, const std::string& seal) {
    table facts({{""}, {""}});
    const planting& planted = sealed.planted;
    facts.add({"drawn", std::to_string(planted.draws.size()) + " neurons until one broke the model"});
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
    std::vector<table_column> columns{{"", alignment::right}};
    for (const method_scores& method : found.methods)
        columns.push_back({(method.is_baseline ? "baseline " : "") + method.name});
    columns.push_back({"exact change"}), columns.push_back({"free generation"});
    table ranks(columns);
    std::vector<std::vector<neuron_id>> best;
    for (const method_scores& method : found.methods) best.push_back(method.scores.best_neurons(count));
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> cells{std::to_string(i + 1)};
        for (std::size_t m = 0; m < best.size(); ++m)
            cells.push_back(name_of_neuron(best[m][i]) + "  " + fixed_text(found.methods[m].scores[best[m][i]], 2));
        const auto exact = i < found.exact.size() ? name_of_neuron(found.exact[i].edit.neuron) + " x " +
                                                        factor_text(found.exact[i].edit.factor) + "  " +
                                                        fixed_text(found.exact[i].loop_change, 2)
                                                  : std::string();
        const auto free = i < found.free.size()
                              ? name_of_neuron(found.free[i].edit.neuron) + " x " +
                                    factor_text(found.free[i].edit.factor) + "  " +
                                    std::to_string(found.free[i].loops) + "/" + std::to_string(found.free_prompts)
                              : std::string();
        cells.push_back(exact), cells.push_back(free);
        ranks.add(std::move(cells));
    }
    return text + ranks.text() + layers_text(found);
}

std::string describe(const search_result& result) {
    using enum alignment;
    table rows({{"plan"}, {"loops"}, {"distinct", right}, {"ends well", right}, {"KL", right}, {"budget"}});
    const auto add = [&](const std::string& name, const measurement& measured, const std::string& kl,
                         const char* budget) {
        rows.add({name, rate_text(measured.outcomes.loops()), fixed_text(measured.distinct_items.mean, 1),
                  fixed_text(measured.outcomes.share(outcome::ended_with_content).value(), 2), kl, budget});
    };
    add("as shipped", result.unedited, "-", "");
    for (std::size_t i = 0; i < result.trials.size(); ++i) {
        const trial& tried = result.trials[i];
        add(brief(tried.edit), tried.measured, fixed_text(tried.healthy.mean, 3),
            result.best == i      ? "chosen"
            : tried.within_budget ? "within"
                                  : "exceeded");
    }
    return rows.text();
}

}  // namespace tool
