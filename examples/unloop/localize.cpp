// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop localize: the neurons behind a model's loops, by three rankings of rising cost and two baselines; or how well
// each attribution method agrees with exact ablation.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/attribute/any_objective.hpp>
#include <unloop/io/open.hpp>
#include <unloop/report/method_comparison_json.hpp>
#include <unloop/report/search_json.hpp>

#include "commands.hpp"
#include "compare.hpp"
#include "console.hpp"
#include "flags.hpp"
#include "line.hpp"
#include "origin_json.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

struct localize_flags {
    std::string model, suite = "lists_fit";
    std::size_t probes = 24, listed = 10;
    localize_options options{.max_tokens = 160};
    compare_options compare;
    std::string objective{any_objective::names[0]}, positions{all_positions::name}, seal, journal;
    bool compares = false, json = false;
};

void run_comparison(const localize_flags& flags, const context& shared) {
    compare_options how = flags.compare;
    how.positions = any_positions::named(flags.positions);
    const compared_model compared =
        compare_model({flags.model, take(open_suite(flags.suite, flags.model), flags.probes), flags.options, how,
                       flags.objective, flags.seal, flags.journal});
    if (!flags.json) return print(describe(compared, how));
    boost::json::object document{{"origin", origin(shared, open(flags.model))},
                                 {"objective", flags.objective},
                                 {"positions", flags.positions},
                                 {"answers", compared.answers},
                                 {"looping", compared.looping},
                                 {"explained", compared.explained}};
    for (auto& entry : to_json(compared.found)) document.insert(std::move(entry));
    print(json_line(document));
}

void run(const localize_flags& flags, const context& shared) {
    if (flags.compares) return run_comparison(flags, shared);
    const localization found =
        localize_model(flags.model, take(open_suite(flags.suite, flags.model), flags.probes), flags.options);
    if (!flags.json) return print(describe(found, flags.listed));
    boost::json::object document{{"origin", origin(shared, open(flags.model))}};
    for (auto& entry : to_json(found)) document.insert(std::move(entry));
    print(json_line(document));
}

void add_comparison(CLI::App& command, localize_flags& flags) {
    CLI::Option* const compare =
        command.add_flag("--compare", flags.compares, "Instead compare every attribution method with exact ablation");
    const auto add = [&](const char* name, auto& value, const char* what) {
        command.add_option(name, value, what)->type_name("N")->capture_default_str()->needs(compare);
    };
    add("--drawn", flags.compare.drawn, "Targets of each kind, drawn evenly over layers, that are ablated exactly");
    add("--best", flags.compare.best, "Best of each method that are ablated besides");
    add("--top", flags.compare.top, "How many best the overlap is about");
    CLI::Option* const costly =
        command.add_flag("--costly", flags.compare.costly, "Also the methods that take minutes to hours for a loop")
            ->needs(compare);
    command.add_option("--evaluations", flags.compare.evaluations, "Gradients of each path that these go along")
        ->check(CLI::Range(integrated_gradients::least_evaluations, std::size_t{4096}))
        ->type_name("N")
        ->capture_default_str()
        ->needs(costly);
    command.add_option("--objective", flags.objective, "What is explained at the decisions of a loop")
        ->check(CLI::IsMember(choices_of(any_objective::names)))
        ->type_name("NAME")
        ->capture_default_str()
        ->needs(compare);
    command.add_option("--positions", flags.positions, "Whose parts gradients and experts' norms add up")
        ->check(CLI::IsMember(choices_of(any_positions::names)))
        ->type_name("NAME")
        ->capture_default_str()
        ->needs(compare);
    command.add_option("--seal", flags.seal, "Seal of a planted fault: also tell who finds it")
        ->type_name("FILE")
        ->needs(compare);
    command.add_option("--journal", flags.journal, "Remember what was computed; go on from it when run again")
        ->type_name("FILE")
        ->needs(compare);
    for (const char* unused : {"--heads", "--targets", "--candidates", "--layers", "--listed"})
        compare->excludes(command.get_option(unused));
}

}  // namespace

void add_localize(CLI::App& app, context& shared) {
    auto flags = std::make_shared<localize_flags>();
    flags->options.threads = default_threads();
    CLI::App* const command = app.add_subcommand("localize", "Find the neurons behind a model's loops");
    add_model(*command, flags->model);
    command->add_option("--suite", flags->suite, "Prompts that make it loop")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    command->add_option("--probes", flags->probes, "Most prompts of the suite")->type_name("N")->capture_default_str();
    command->add_option("--max-tokens", flags->options.max_tokens, "Most tokens of an answer")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--heads", flags->options.heads, "Best attention heads of each method to re-score exactly")
        ->type_name("N")
        ->capture_default_str();
    add_targets(*command, flags->options.kinds);
    command->add_option("--candidates", flags->options.candidates, "Best neurons of each method to re-score exactly")
        ->type_name("N")
        ->capture_default_str();
    command
        ->add_option("--layers", flags->options.layer_runs,
                     "Also ablate the layers one by one, in this many of the looping answers")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--listed", flags->listed, "Neurons shown")
        ->check(CLI::Range(1, 100))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--most-runs", flags->options.most_runs, "Most looping answers that are explained")
        ->check(CLI::PositiveNumber)
        ->type_name("N")
        ->capture_default_str();
    add_comparison(*command, *flags);
    add_threads(*command, flags->options.threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop localize --model model.gguf --suite prompts.txt --json > neurons.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
