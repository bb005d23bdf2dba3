// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop plant: breaks a copy of a model by neurons, experts or heads that only the seal knows.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function

#include "commands.hpp"
#include "console.hpp"
#include "flags.hpp"
#include "line.hpp"
#include "origin_json.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

struct plant_flags {
    std::string model, out, seal, suite = "easy_fit", kind = "neuron", fault = "amplified", journal;
    planting_options options;
    bool json = false;
};

void run(plant_flags& flags, const context& shared) {
    flags.options.kind = kind_named(flags.kind);
    flags.options.fault = fault_named(flags.fault);
    const sealed_fault sealed = plant_and_seal(
        {flags.model, open_suite(flags.suite, flags.model), flags.options, flags.out, flags.seal, flags.journal},
        origin(shared));
    if (flags.json)
        print(json_line({{"origin", origin(shared)},
                         {"draws", sealed.planted.draws.size()},
                         {"decoys", sealed.planted.decoys.size()},
                         {"loops_decoys", sealed.planted.loops_decoys},
                         {"divergence_decoys", sealed.planted.divergence_decoys},
                         {"answers", sealed.planted.answers},
                         {"loops_unbroken", sealed.planted.loops_unbroken},
                         {"loops_broken", sealed.planted.loops_broken},
                         {"out", json_text(flags.out)},
                         {"seal", json_text(flags.seal)},
                         {"seal_sha256", sealed.sha256}}));
    else
        print(describe(sealed, flags.out, flags.seal));
}

}  // namespace

void add_plant(CLI::App& app, context& shared) {
    auto flags = std::make_shared<plant_flags>();
    flags->options.threads = default_threads();
    CLI::App* const command = app.add_subcommand(
        "plant", "Break a copy of a model by neurons, experts or heads that are drawn; which goes into a sealed file");
    add_model(*command, flags->model);
    command->add_option("--seed", flags->options.seed, "Draws the target")->type_name("N");
    command->add_option("--kind", flags->kind, "What is drawn")
        ->check(CLI::IsMember(kind_names()))
        ->type_name("KIND")
        ->capture_default_str();
    add_fault(*command, flags->fault, flags->options.culprits, flags->options.decoys, flags->options.most_draws);
    command->add_option("--out", flags->out, "The broken copy")->type_name("FILE")->required();
    command->add_option("--seal", flags->seal, "The answer, as JSON")->type_name("FILE")->required();
    command->add_option("--suite", flags->suite, "Questions that the model answers well; half of them must loop")
        ->type_name("NAME|FILE");
    command->add_option("--max-tokens", flags->options.max_tokens, "Most tokens of an answer")->type_name("N");
    add_plant_journal(*command, flags->journal);
    add_threads(*command, flags->options.threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop plant --model model.gguf --seed 1 --out broken.gguf --seal answer.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
