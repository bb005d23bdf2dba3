// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Act 2: the model's own list collapse, and what the best edit within the budget does about it.
#include <boost/json.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/evaluate/matched_controls.hpp>
#include <unloop/report/progress_bar.hpp>
#include <unloop/report/search_json.hpp>

#include <algorithm>   // rotate
#include <filesystem>  // create_directories

#include "acts.hpp"
#include "any_model.hpp"
#include "line.hpp"
#include "origin_json.hpp"
#include "result_table.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

/// "2 neurons", "1 expert", or "2 targets" where kinds are mixed.
std::string count_of_targets(const plan& edits) {
    std::string kind;
    for (const target_edit& edit : edits.edits) {
        const std::string own(std::visit([]<class Id>(const Id&) { return target_kind<Id>::name; }, edit.target));
        kind = kind.empty() || kind == own ? own : "target";
    }
    return std::to_string(edits.size()) + " " + kind + (edits.size() == 1 ? "" : "s");
}

/// The plan that the report is about: the chosen one, or the one with the fewest loops, whatever it cost.
const plan* reported(const repair& done) {
    if (done.chosen) return &*done.chosen;
    if (!done.searched || !done.searched->fewest_loops) return nullptr;
    return &done.searched->trials[*done.searched->fewest_loops].edit;
}

/// Matched by strength on the loops that were explained.
std::vector<plan> draw_controls(const plan& edit, const localization& found, std::uint64_t seed) {
    return matched_controls(edit, found.method_named(strength_on_run::name)->scores, {.seed = seed});
}

std::vector<measurement> measure_report(const demo_options& options, const repair& done,
                                        const std::string& edited_path) {
    const probe_suite suite = take(open_suite("lists_report", options.model), options.report_probes);
    const answer_options how{.max_tokens = options.max_tokens, .threads = options.threads};
    progress_bar bar;
    const any_model model = load_model(options.model);
    const side_effect_texts texts = open_texts_and_answers(model, data_role::report, options.threads, bar);
    const plan* const edit = reported(done);
    const std::string name = edit ? "edited, " + count_of_targets(*edit) : "";
    std::vector<plan> controls;
    if (edit) controls = draw_controls(*edit, done.found, options.seed);
    std::vector<arm> arms{{"as shipped", nullptr}};
    if (edit && !done.written) arms.push_back({name + " (over budget)", edit});
    for (std::size_t i = 0; i < controls.size(); ++i)
        arms.push_back({"matched random " + std::to_string(i + 1), &controls[i]});
    comparison compared = compare_arms(model, suite, arms, texts, how, greedy{}, bar);
    if (done.written) {
        const any_model edited = load_model(edited_path);
        const stored_arm<any_model> stored{name, &edited};
        add_edited(compared, model, suite, std::span(&stored, 1), texts, how, bar);
        std::rotate(compared.arms.begin() + 1, compared.arms.end() - 1, compared.arms.end());
    }
    add_sampler(compared, "repetition penalty 1.1", model, sampling{.repetition_penalty = 1.1F}, suite, how, bar);
    return std::move(compared.arms);
}

}  // namespace

boost::json::object act_two(const demo_options& options, const context& shared) {
    std::filesystem::create_directories(options.folder);
    const std::string edited_path = options.copy("edited");
    std::filesystem::remove_all(edited_path);
    options.tell("\nAct 2. The model as it is\n\nlocalise   on " + std::to_string(options.fit_probes) +
                 " list prompts; search on " + std::to_string(options.select_probes) + " others\n");
    repair_request request{.model = options.model,
                           .out = edited_path,
                           .plan_out = options.folder + "/edited.plan.json",
                           .fit = take(open_suite("lists_fit", options.model), options.fit_probes),
                           .select = take(open_suite("lists_select", options.model), options.select_probes),
                           .localize = {.max_tokens = options.max_tokens,
                                        .threads = options.threads,
                                        .heads = options.heads,
                                        .kinds = options.kinds},
                           .budget = {},
                           .search = {.answers = {.max_tokens = options.max_tokens, .threads = options.threads},
                                      .most_plans = options.most_plans,
                                      .texts = {.threads = options.threads}}};
    const repair done = repair_model(request, origin(shared));
    options.tell(describe(done.found, 5));
    if (done.searched) options.tell("\n" + describe(*done.searched));
    const std::vector<measurement> rows = measure_report(options, done, edited_path);
    options.tell("\nreport     on " + std::to_string(options.report_probes) +
                 " list prompts that nothing was chosen on\n\n" + result_table(rows) + "\n" + paired_table(rows));
    if (done.written)
        options.tell("edited file: " + edited_path + " (" + brief(*done.chosen) + "; every other byte unchanged)\n");
    else
        options.tell(
            "No plan that was tried lowers the loops within the budget; the line above is the best trade-off found, "
            "and no file was written.\n");
    boost::json::array arms;
    for (const measurement& row : rows) arms.push_back(to_json(row));
    boost::json::object document{
        {"localization", to_json(done.found, 100)}, {"arms", std::move(arms)}, {"chosen", nullptr}};
    if (done.searched) document["search"] = to_json(*done.searched);
    if (done.chosen) document["chosen"] = edits_to_json(*done.chosen);
    return document;
}

}  // namespace tool
