// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop search: the best edit within a budget, from looping prompts to an edited file.
#include <CLI/CLI.hpp>
#include <memory>       // flags that outlive their function
#include <type_traits>  // is_same
#include <unloop/attribute/method_list.hpp>
#include <unloop/edit/plan_json.hpp>
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
    std::string strategy = "greedy", start;
    top_k_grid grid;
    double minutes = 0;
    bool no_budget = false, json = false;
};

/// What a plan of gains costs and brings on texts that no fit has seen.
boost::json::object gains_json(const gain_loss& loss) {
    return {{"decisions", loss.decisions}, {"others", loss.others}};
}
boost::json::object gains_json(const plan& edits, const gain_loss& loss) {
    boost::json::object object = gains_json(loss);
    object["edits"] = edits_to_json(edits);
    return object;
}
boost::json::object gains_json(const gain_schedule& learned) {
    boost::json::array steps;
    for (const gain_step& step : learned.steps)
        steps.push_back({{"targets", step.targets},
                         {"fitted", gains_json(step.fitted, step.held_out)},
                         {"exact", gains_json(step.exact, step.held_out_exact)}});
    return {{"looping", learned.looping}, {"unedited", gains_json(learned.unedited)}, {"steps", std::move(steps)}};
}

boost::json::object document(const search_flags& flags, const repair& done, boost::json::object origin) {
    boost::json::object out{{"origin", std::move(origin)},
                            {"strategy", flags.strategy},
                            {"localization", to_json(done.found)},
                            {"chosen", nullptr}};
    if (!flags.no_budget)
        out["budget"] = {{"token_kl", flags.request.budget.token_kl},
                         {"fewer_items", flags.request.budget.fewer_items},
                         {"early_endings", flags.request.budget.early_endings},
                         {"copying", flags.request.budget.copying}};
    if (done.gains) out["gains"] = gains_json(*done.gains);
    if (done.searched) out["search"] = to_json(*done.searched);
    if (done.chosen) out["chosen"] = edits_to_json(*done.chosen);
    return out;
}

std::string summary(const repair& done, const repair_request& request) {
    std::string text = describe(done.found, 5);
    if (done.searched) text += "\n" + describe(*done.searched) + "\n" + describe_selection(*done.searched);
    if (done.searched && done.searched->out_of_time)
        text += "the time is over; the search goes on where it was with the same --journal\n";
    if (!done.chosen) return text + "no plan lowers the loops within the budget; nothing was written\n";
    text += "chosen: " + brief(*done.chosen) + "\n";
    if (done.written) text += to_string(*done.written) + "\n";
    if (!request.plan_out.empty()) text += "plan: " + request.plan_out + "\n";
    return text;
}

any_strategy chosen_strategy(const search_flags& flags) {
    any_strategy chosen = any_strategy::named(flags.strategy);
    chosen.visit([&]<class Strategy>(Strategy& strategy) {
        if constexpr (std::is_same_v<Strategy, top_k_grid>) {
            strategy = flags.grid;
            strategy.method = flags.request.localize.method;
        }
        if constexpr (requires { strategy.start; })
            if (!flags.start.empty()) strategy.start = read_plan(flags.start).plan;
        if constexpr (std::is_same_v<Strategy, evolution_strategy>) strategy.seed = flags.request.search.seed;
    });
    return chosen;
}

void run(search_flags& flags, const context& shared) {
    repair_request& request = flags.request;
    request.strategy = chosen_strategy(flags);
    if (flags.minutes > 0) request.search.most_seconds = 60 * flags.minutes;
    request.fit = take(open_suite(flags.fit, request.model), flags.fit_probes);
    request.select = take(open_select_suite(flags.select, request.model), flags.select_probes);
    if (flags.no_budget) request.budget = search_budget::unlimited();
    request.localize.threads = request.search.answers.threads = request.search.texts.threads = flags.threads;
    request.localize.max_tokens = request.search.answers.max_tokens;
    const boost::json::object made = origin(shared, open(request.model));
    const repair done = repair_model(request, made);
    print(flags.json ? json_line(document(flags, done, made)) : summary(done, request));
}

void add_prompts(CLI::App& command, search_flags& flags) {
    command.add_option("--fit", flags.fit, "Prompts that are explained")->type_name("NAME|FILE")->capture_default_str();
    command.add_option("--select", flags.select, "Prompts that plans are chosen on")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    command.add_option("--fit-probes", flags.fit_probes, "Most of them")->type_name("N")->capture_default_str();
    command.add_option("--select-probes", flags.select_probes, "Most of them")->type_name("N")->capture_default_str();
    command.add_option("--max-tokens", flags.request.search.answers.max_tokens, "Most tokens of an answer")
        ->type_name("N")
        ->capture_default_str();
}

/// Says what is wrong with the name of a strategy.
std::string fault_of_strategy(const std::string& name) {
    try {
        (void)any_strategy::named(name);
    } catch (const error& fault) {
        return fault.what();
    }
    return {};
}

void add_strategy(CLI::App& command, search_flags& flags) {
    repair_request& request = flags.request;
    command.add_option("--heads", request.localize.heads, "Best attention heads of each method to re-score exactly")
        ->type_name("N")
        ->capture_default_str();
    add_targets(command, request.localize.kinds);
    command.add_option("--most-plans", request.search.most_plans, "Plans to try")
        ->type_name("N")
        ->capture_default_str();
    command.add_option("--strategy", flags.strategy, "How plans are proposed: " + any_strategy::names())
        ->check(fault_of_strategy)
        ->type_name("NAME")
        ->capture_default_str();
    command
        .add_option("--method", request.localize.method,
                    "One more attribution that proposes candidates; top_k takes its ranking")
        ->check(CLI::IsMember(method_names()))
        ->type_name("NAME");
    command
        .add_option("--counts", flags.grid.counts, "How many of the best targets top_k edits together, between commas")
        ->delimiter(',')
        ->check(CLI::PositiveNumber)
        ->type_name("N,...")
        ->capture_default_str();
    command.add_option("--factors", flags.grid.factors, "By what top_k scales them, between commas")
        ->delimiter(',')
        ->type_name("X,...")
        ->capture_default_str();
    command.add_option("--start", flags.start, "Plan that pruning or coordinates begin with")->type_name("FILE");
    command.add_option("--gain-targets", request.gain_targets, "Targets of the first plan of gains; then half as many")
        ->type_name("N")
        ->capture_default_str();
}

void add_course(CLI::App& command, search_flags& flags) {
    repair_request& request = flags.request;
    command.add_option("--journal", request.journal, "Remember what was measured; go on from it when run again")
        ->type_name("FILE");
    command.add_option("--minutes", flags.minutes, "Measure nothing more after so many; 0: no limit")
        ->type_name("X")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        .add_option("--null-edits", request.search.null_edits,
                    "Edits that change next to nothing, measured to know the noise")
        ->type_name("N")
        ->capture_default_str();
    command.add_option("--seed", request.search.seed, "Of null edits and of evolution")
        ->type_name("N")
        ->capture_default_str();
}

void add_budget(CLI::App& command, search_flags& flags) {
    search_budget& budget = flags.request.budget;
    command.add_option("--budget-kl", budget.token_kl, "Nats a token on healthy texts")
        ->type_name("X")
        ->capture_default_str();
    command.add_option("--budget-items", budget.fewer_items, "Share of distinct items that may be lost")
        ->type_name("X")
        ->capture_default_str();
    command.add_option("--budget-early", budget.early_endings, "Share of answers that may newly end early")
        ->type_name("X")
        ->capture_default_str();
    command
        .add_option("--budget-copying", budget.copying,
                    "Share of random tokens said twice that may no longer be copied")
        ->type_name("X")
        ->capture_default_str();
    command.add_flag("--no-budget", flags.no_budget, "For a model that is broken altogether");
}

}  // namespace

void add_search(CLI::App& app, context& shared) {
    auto flags = std::make_shared<search_flags>();
    repair_request& request = flags->request;
    CLI::App* const command =
        app.add_subcommand("search", "Find the best edit within a budget, and write the edited file");
    add_model(*command, request.model);
    add_prompts(*command, *flags);
    add_strategy(*command, *flags);
    add_course(*command, *flags);
    add_budget(*command, *flags);
    command->add_option("--out", request.out, "The edited file")->type_name("FILE");
    command->add_option("--plan-out", request.plan_out, "The plan, as JSON")->type_name("FILE");
    add_threads(*command, flags->threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop search --model model.gguf --out edited.gguf --plan-out plan.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
