// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop demo: both acts, computed live, and everything that was told as JSON.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>  // time of the acts
#include <memory>  // flags that outlive their function
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/atomic_file.hpp>
#include <unloop/io/open.hpp>
#include <unloop/report/number_text.hpp>
#include <unloop/report/record_json.hpp>

#include <filesystem>  // create_directories

#include "act_tally.hpp"
#include "acts.hpp"
#include "console.hpp"
#include "flags.hpp"
#include "origin_json.hpp"

namespace tool {

namespace {

using namespace unloop;

struct demo_flags {
    demo_options options;
    std::string kind = "neuron", fault = "amplified";
    std::size_t act = 0, seeds = 0;
    bool full = false, json = false;
};

/// Seconds that `work` takes, added to what it returns.
template <class Work>
boost::json::object timed(const std::string& name, const demo_options& options, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    boost::json::object told = work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    told["seconds"] = seconds;
    options.tell(name + " took " + duration_text(seconds) + "\n");
    return told;
}

void introduce(const any_checkpoint& file, const demo_options& options) {
    const decoder_config config = read_config(file);
    options.tell("model      " + name_of(file) + ", " + std::to_string(config.layers.size()) + " layers x " +
                 std::to_string(config.layers.front().mlp_width) + " neurons, " + bytes_text(weight_bytes(file)) +
                 "\nkernels    " + dispatched::target() + "\n");
}

/// Act 1 for seeds 1, 2, ... in order, none skipped.
boost::json::array act_one_of_seeds(const demo_flags& flags, const context& shared) {
    boost::json::array acts;
    for (std::size_t seed = 1; seed <= flags.seeds; ++seed) {
        demo_options options = flags.options;
        options.seed = seed;
        options.folder += "/seed_" + std::to_string(seed);
        acts.push_back(timed("seed " + std::to_string(seed), options, [&] { return act_one(options, shared); }));
        options.tell("\n" + tally_text(acts, options.folder));
    }
    return acts;
}

void run(demo_flags& flags, const context& shared) {
    demo_options& options = flags.options;
    options.kind = kind_named(flags.kind);
    options.fault = fault_named(flags.fault);
    if (flags.json) options.told = stderr;
    if (flags.full) options.fit_probes = options.select_probes = options.report_probes = 1000, options.most_plans = 96;
    const any_checkpoint file = open(options.model);
    introduce(file, options);
    boost::json::object document{{"origin", origin(shared, file)}};
    if (flags.seeds > 0)
        document["act_1_of_seeds"] = act_one_of_seeds(flags, shared);
    else if (flags.act != 2)
        document["act_1"] = timed("act 1", options, [&] { return act_one(options, shared); });
    if (flags.seeds == 0 && flags.act != 1)
        document["act_2"] = timed("act 2", options, [&] { return act_two(options, shared); });
    std::filesystem::create_directories(options.folder);
    const std::string path = options.folder + "/demo.json", text = json_line(document);
    atomic_file out(path);
    out.write_at(0, std::as_bytes(std::span(text)));
    out.commit();
    options.tell("everything told above, and how to reproduce it: " + path + "\n");
    if (flags.json) print(text);
}

}  // namespace

void add_demo(CLI::App& app, context& shared) {
    auto flags = std::make_shared<demo_flags>();
    demo_options& options = flags->options;
    options.threads = default_threads();
    CLI::App* const command =
        app.add_subcommand("demo", "Show the whole line on a real model: a known fault, then its own");
    add_model(*command, options.model);
    command->add_option("--act", flags->act, "1 or 2 alone")->check(CLI::Range(1, 2))->type_name("N");
    command->add_option("--seed", options.seed, "Draws the planted neuron and the controls")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--seeds", flags->seeds, "Act 1 alone, for seeds 1 to N, with the precision of every ranking")
        ->type_name("N");
    command->add_option("--kind", flags->kind, "What act 1 plants a fault in")
        ->check(CLI::IsMember(kind_names()))
        ->capture_default_str();
    add_fault(*command, flags->fault, options.culprits, options.decoys, options.most_draws);
    add_plant_journal(*command, options.journal);
    command->add_option("--folder", options.folder, "Where files go")->type_name("FOLDER")->capture_default_str();
    command->add_option("--max-tokens", options.max_tokens, "Most tokens of an answer to a list prompt")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--easy-tokens", options.easy_tokens, "Most tokens of an answer to an easy question (act 1)")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--heads", options.heads, "Attention heads of each method to re-score exactly")
        ->type_name("N")
        ->capture_default_str();
    add_targets(*command, options.kinds);
    command->add_option("--report", options.report_probes, "Prompts of the report")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--select", options.select_probes, "Prompts of the search")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--most-plans", options.most_plans, "Plans of the search")
        ->type_name("N")
        ->capture_default_str();
    command->add_flag("--full", flags->full, "All prompts and four times the plans");
    add_threads(*command, options.threads);
    add_json(*command, flags->json)->description("Print demo.json, as one line; the text goes to standard error");
    command->footer(
        "Examples:\n"
        "  unloop demo --model model.gguf --seed 3\n"
        "  unloop demo --model model.gguf --act 2 --json > act_2.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
