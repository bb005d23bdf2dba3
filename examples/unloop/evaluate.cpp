// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop evaluate: how often a model loops, what an edit changes, and what it costs, beside controls.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/evaluate/matched_controls.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/report/measurement_json.hpp>
#include <unloop/report/progress_bar.hpp>

#include "any_model.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "flags.hpp"
#include "origin_json.hpp"
#include "result_table.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

struct evaluate_flags {
    std::string model, suite = "lists_report";
    edit_flags edits;
    std::size_t probes = 24;
    control_options controls;
    answer_options answers{.max_tokens = 160};
    sampling sampler;
    double penalty = 1.1;
    bool json = false;
};

template <class Model>
std::vector<measurement> measure_all(const evaluate_flags& flags, const Model& model) {
    progress_bar bar;
    const probe_suite suite = take(open_suite(flags.suite, flags.model), flags.probes);
    const side_effect_texts texts = open_texts_and_answers(model, data_role::report, flags.answers.threads, bar);
    const plan edit = flags.edits.plan_for(model.file());
    std::vector<arm> arms{{"as shipped", nullptr}};
    if (!edit.empty()) arms.push_back({"edited", &edit});
    comparison compared = compare_arms(model, suite, arms, texts, flags.answers, flags.sampler, bar);
    std::vector<measurement> rows = compared.arms;
    if (!edit.empty() && flags.controls.draws > 0) {
        const auto strengths = strength_on_texts(model, token_texts(compared.unedited), flags.answers.threads);
        const std::vector<plan> controls = matched_controls(edit, strengths, flags.controls);
        std::vector<arm> control_arms{{"as shipped", nullptr}};
        for (std::size_t i = 0; i < controls.size(); ++i)
            control_arms.push_back({"control " + std::to_string(i + 1), &controls[i]});
        const comparison drawn = compare_arms(model, suite, control_arms, texts, flags.answers, flags.sampler, bar);
        rows.insert(rows.end(), drawn.arms.begin() + 1, drawn.arms.end());
    }
    if (flags.penalty > 1) {
        sampling penalised = flags.sampler;
        penalised.repetition_penalty = static_cast<float>(flags.penalty);
        rows.push_back(measure_sampler("penalty", model, penalised, suite, compared.unedited, flags.answers, bar));
    }
    return rows;
}

void run(const evaluate_flags& flags, const context& shared) {
    require_sampling(flags.sampler);
    const any_checkpoint file = open(flags.model);
    const std::vector<measurement> rows = measure_all(flags, load_model(flags.model));
    if (!flags.json) {
        const std::string paired = paired_table(rows);
        return print(result_table(rows) + (paired.empty() ? "" : "\n" + paired));
    }
    boost::json::array arms;
    for (const measurement& row : rows) arms.push_back(to_json(row));
    print(json_line({{"origin", origin(shared, file)}, {"arms", std::move(arms)}}));
}

}  // namespace

void add_evaluate(CLI::App& app, context& shared) {
    auto flags = std::make_shared<evaluate_flags>();
    flags->answers.threads = default_threads();
    CLI::App* const command =
        app.add_subcommand("evaluate", "Measure loops and side effects, of a model or of an edit");
    add_model(*command, flags->model);
    flags->edits.add_to(*command);
    command->add_option("--suite", flags->suite, "Prompts")->type_name("NAME|FILE")->capture_default_str();
    command->add_option("--probes", flags->probes, "Most prompts of the suite")->type_name("N")->capture_default_str();
    command->add_option("--max-tokens", flags->answers.max_tokens, "Most tokens of an answer")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--controls", flags->controls.draws, "Matched random plans beside the edit")
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--control-seed", flags->controls.seed, "Draws the controls")->type_name("N");
    command->add_option("--seeds", flags->answers.seeds, "Answers a prompt; of greedy decoding they are all equal")
        ->check(CLI::Range(1, 1 << 16))
        ->type_name("N")
        ->capture_default_str();
    add_sampling(*command, flags->sampler);
    command->add_option("--penalty", flags->penalty, "Repetition penalty to compare with; 1: none")
        ->type_name("X")
        ->capture_default_str();
    add_threads(*command, flags->answers.threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop evaluate --model model.gguf --neuron 10.1234=0 --suite lists_report");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
