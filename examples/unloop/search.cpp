// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop search: the best edit within a budget, from looping prompts to an edited file.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/io/open.hpp>
#include <unloop/report/search_json.hpp>

#include "commands.hpp"
#include "console.hpp"
#include "flags.hpp"
#include "line.hpp"
#include "origin_json.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

struct search_flags {
    repair_request request;
    std::string fit = "lists_fit", select = "lists_select";
    std::size_t fit_probes = 24, select_probes = 12, threads = default_threads();
    bool no_budget = false, json = false;
};

boost::json::object document(const search_flags& flags, const repair& done, boost::json::object origin) {
    boost::json::object out{{"origin", std::move(origin)}, {"localization", to_json(done.found)}, {"chosen", nullptr}};
    if (!flags.no_budget)
        out["budget"] = {{"token_kl", flags.request.budget.token_kl},
                         {"fewer_items", flags.request.budget.fewer_items},
                         {"early_endings", flags.request.budget.early_endings}};
    if (done.searched) out["search"] = to_json(*done.searched);
    if (done.chosen) out["chosen"] = edits_to_json(*done.chosen);
    return out;
}

std::string summary(const repair& done, const repair_request& request) {
    std::string text = describe(done.found, 5);
    if (done.searched) text += "\n" + describe(*done.searched);
    if (!done.chosen) return text + "no plan lowers the loops within the budget; nothing was written\n";
    text += "chosen: " + brief(*done.chosen) + "\n";
    if (done.written) text += to_string(*done.written) + "\n";
    if (!request.plan_out.empty()) text += "plan: " + request.plan_out + "\n";
    return text;
}

void run(search_flags& flags, const context& shared) {
    repair_request& request = flags.request;
    request.fit = take(open_suite(flags.fit, request.model), flags.fit_probes);
    request.select = take(open_suite(flags.select, request.model), flags.select_probes);
    if (flags.no_budget) request.budget = search_budget::unlimited();
    request.localize.threads = request.search.answers.threads = request.search.texts.threads = flags.threads;
    request.localize.max_tokens = request.search.answers.max_tokens;
    const boost::json::object made = origin(shared, open(request.model));
    const repair done = repair_model(request, made);
    print(flags.json ? json_line(document(flags, done, made)) : summary(done, request));
}

}  // namespace

void add_search(CLI::App& app, context& shared) {
    auto flags = std::make_shared<search_flags>();
    repair_request& request = flags->request;
    CLI::App* const command =
        app.add_subcommand("search", "Find the best edit within a budget, and write the edited file");
    add_model(*command, request.model);
    command->add_option("--fit", flags->fit, "Prompts that are explained")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    command->add_option("--select", flags->select, "Prompts that plans are chosen on")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    command->add_option("--fit-probes", flags->fit_probes, "Most of them")->type_name("N")->capture_default_str();
    command->add_option("--select-probes", flags->select_probes, "Most of them")->type_name("N")->capture_default_str();
    command->add_option("--max-tokens", request.search.answers.max_tokens, "Most tokens of an answer")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--most-plans", request.search.most_plans, "Plans to try")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--budget-kl", request.budget.token_kl, "Nats a token on healthy texts")
        ->type_name("X")
        ->capture_default_str();
    command->add_option("--budget-items", request.budget.fewer_items, "Share of distinct items that may be lost")
        ->type_name("X")
        ->capture_default_str();
    command->add_option("--budget-early", request.budget.early_endings, "Share of answers that may newly end early")
        ->type_name("X")
        ->capture_default_str();
    command->add_flag("--no-budget", flags->no_budget, "For a model that is broken altogether");
    command->add_option("--out", request.out, "The edited file")->type_name("FILE");
    command->add_option("--plan-out", request.plan_out, "The plan, as JSON")->type_name("FILE");
    add_threads(*command, flags->threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop search --model model.gguf --out edited.gguf --plan-out plan.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
