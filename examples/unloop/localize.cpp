// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop localize: the neurons behind a model's loops, by three rankings of rising cost and two baselines.
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

struct localize_flags {
    std::string model, suite = "lists_fit";
    std::size_t probes = 24, listed = 10;
    localize_options options{.max_tokens = 160};
    bool json = false;
};

void run(const localize_flags& flags, const context& shared) {
    const localization found =
        localize_model(flags.model, take(open_suite(flags.suite, flags.model), flags.probes), flags.options);
    if (!flags.json) return print(describe(found, flags.listed));
    boost::json::object document{{"origin", origin(shared, open(flags.model))}};
    for (auto& entry : to_json(found)) document.insert(std::move(entry));
    print(json_line(document));
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
    add_threads(*command, flags->options.threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop localize --model model.gguf --suite prompts.txt --json > neurons.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
