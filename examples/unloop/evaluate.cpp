// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop evaluate: how often a model loops, what an edit changes, and what it costs, beside controls.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/evaluate/calibrated_plans.hpp>
#include <unloop/evaluate/known_items.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/report/measurement_json.hpp>
#include <unloop/report/number_text.hpp>
#include <unloop/report/openings_json.hpp>
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
    std::string model, suite = "lists_report", match = "kl", openings;
    edit_flags edits;
    std::size_t probes = 24;
    control_options controls;
    null_edit_options jitter{.draws = 0};
    answer_options answers{.max_tokens = 160};
    paired_options statistics;
    sampling sampler;
    double penalty = 1.1;
    bool known = false, json = false;
};

struct evaluation {
    probe_suite suite;
    plan edit;
    std::vector<measurement> rows;
    std::vector<calibrated_plan> controls, null_edits;  ///< in the order of their rows
};

/// One run's parts; each adds rows.
template <class Model>
class evaluator {
  public:
    evaluator(const evaluate_flags& flags, const Model& model)
        : flags_(flags),
          model_(model),
          done_{take(open_suite(flags.suite, flags.model), flags.probes), {}, {}, {}, {}} {
        // Whoever looks at prompts to choose by must not see the texts of the report.
        const bool is_report = done_.suite.role == data_role::report;
        texts_ = open_texts_and_answers(model, is_report ? data_role::report : data_role::select, flags.answers.threads,
                                        bar_);
        done_.edit = flags.edits.plan_for(model.file());
        if (flags.known) mark_known(model, done_.suite, {.threads = flags.answers.threads}, bar_);
    }

    evaluation run() {
        std::vector<arm> arms{{"as shipped", nullptr}};
        if (!done_.edit.empty()) arms.push_back({"edited", &done_.edit});
        compared_ = compare_arms(model_, done_.suite, arms, texts_, flags_.answers, flags_.sampler, bar_);
        const bool draws_controls = !done_.edit.empty() && flags_.controls.draws > 0;
        if (draws_controls || flags_.jitter.draws > 0) {
            const auto strengths = strength_on_texts(model_, token_texts(compared_.unedited()), flags_.answers.threads);
            if (draws_controls) add("control ", done_.controls = controls(strengths));
            if (flags_.jitter.draws > 0) add("null edit ", done_.null_edits = null_edits_of(strengths));
        }
        if (flags_.penalty > 1) add_penalty();
        done_.rows = std::move(compared_.arms);
        for (measurement& row : done_.rows)
            if (row.changes)
                row.changes = changes_by_topic(done_.suite, done_.rows.front().answers, row.answers, flags_.statistics);
        return std::move(done_);
    }

  private:
    std::vector<calibrated_plan> controls(const target_scores& strengths) {
        if (flags_.match == "kl")
            return calibrated_controls(model_, done_.edit, strengths, texts_.healthy, flags_.controls, how(), bar_);
        std::vector<calibrated_plan> drawn;
        for (plan& control : matched_controls(done_.edit, strengths, flags_.controls))
            drawn.push_back({std::move(control)});
        return drawn;
    }
    std::vector<calibrated_plan> null_edits_of(const target_scores& strengths) {
        return null_edits(model_, strengths, texts_.healthy, flags_.jitter, how(), bar_);
    }
    void add(const std::string& name, const std::vector<calibrated_plan>& plans) {
        std::vector<arm> arms;
        for (const calibrated_plan& one : plans) arms.push_back({name + std::to_string(arms.size() + 1), &one.edit});
        add_arms(compared_, model_, done_.suite, arms, texts_, flags_.answers, flags_.sampler, bar_);
    }
    void add_penalty() {
        const auto factor = static_cast<float>(flags_.penalty);
        sampling penalised = flags_.sampler;
        penalised.repetition_penalty = factor;
        add_sampler(compared_, "penalty", model_, penalised, done_.suite, flags_.answers, bar_).healthy =
            processor_divergence(model_, repetition_penalty{factor}, texts_.healthy, how().texts, bar_);
    }
    [[nodiscard]] calibration_options how() const { return {.texts = {.threads = flags_.answers.threads}}; }

    const evaluate_flags& flags_;
    const Model& model_;
    progress_bar bar_;
    side_effect_texts texts_;
    comparison compared_;
    evaluation done_;
};

/// "loops as shipped 14, null edits 13 to 16": a difference within it is none.
std::string noise_text(const evaluation& done) {
    if (done.null_edits.empty()) return {};
    std::vector<std::size_t> loops;
    for (const measurement& row : done.rows)
        if (row.name.starts_with("null edit ")) loops.push_back(row.outcomes.loops().count);
    const auto [least, most] = std::minmax_element(loops.begin(), loops.end());
    return "\nnoise of these answers: " + std::to_string(done.rows.front().outcomes.loops().count) +
           " loops as shipped, " + std::to_string(*least) + " to " + std::to_string(*most) + " under null edits\n";
}

/// Controls that could not be made to diverge as the edit does.
std::string controls_text(const evaluation& done, const evaluate_flags& flags) {
    if (flags.match != "kl") return {};
    const auto far = std::count_if(done.controls.begin(), done.controls.end(),
                                   [](const calibrated_plan& one) { return !one.is_close; });
    if (far == 0) return {};
    return "\n" + std::to_string(far) + " of " + std::to_string(done.controls.size()) +
           " controls do not diverge as much as the edit under any factor that was tried\n";
}

std::string opening_text(const corrected_opening& opened) {
    return "\nopened: " + std::to_string(opened.openings) + " plans so far; p " + fixed_text(opened.p, 4) +
           " (loops and gold items), after Holm's correction over all of them " + fixed_text(opened.corrected_p, 4) +
           "\n";
}

std::string told(const evaluation& done, const evaluate_flags& flags, const std::optional<corrected_opening>& opened) {
    std::string text = result_table(done.rows);
    for (const std::string& part :
         {paired_table(done.rows), known_table(done.rows), onset_table(done.rows, flags.answers.max_tokens)})
        text += part.empty() ? "" : "\n" + part;
    text += noise_text(done) + controls_text(done, flags);
    return opened ? text + opening_text(*opened) : text;
}

boost::json::array plans_json(const std::vector<calibrated_plan>& plans) {
    boost::json::array list;
    for (const calibrated_plan& one : plans)
        list.push_back({{"edits", edits_to_json(one.edit)},
                        {"scale", one.scale},
                        {"token_kl", one.token_kl},
                        {"is_close", one.is_close}});
    return list;
}

boost::json::object document(const evaluation& done, const evaluate_flags& flags,
                             const std::optional<corrected_opening>& opened, boost::json::object origin) {
    boost::json::array arms;
    for (const measurement& row : done.rows) arms.push_back(to_json(row));
    boost::json::object made{{"origin", std::move(origin)}, {"arms", std::move(arms)}};
    if (flags.match == "kl") made["controls"] = plans_json(done.controls);
    made["null_edits"] = plans_json(done.null_edits);
    if (opened)
        made["opened"] = {{"openings", opened->openings}, {"p", opened->p}, {"corrected_p", opened->corrected_p}};
    return made;
}

/// What was opened: the plan, on which questions, how they were answered.
boost::json::object opening(const evaluation& done, const evaluate_flags& flags, const boost::json::object& origin) {
    boost::json::object sampler{{"seed", flags.sampler.seed}};
    if (flags.sampler.temperature) sampler["temperature"] = *flags.sampler.temperature;
    if (flags.sampler.top_k) sampler["top_k"] = *flags.sampler.top_k;
    if (flags.sampler.top_p) sampler["top_p"] = *flags.sampler.top_p;
    return {{"suite", json_text(done.suite.name)},    {"prompts", done.suite.probes.size()},
            {"model", origin.at("model").at("name")}, {"edits", edits_to_json(done.edit)},
            {"max_tokens", flags.answers.max_tokens}, {"seeds", flags.answers.seeds},
            {"sampler", std::move(sampler)}};
}

void run(const evaluate_flags& flags, const context& shared) {
    require_sampling(flags.sampler);
    if (!flags.openings.empty() && !flags.edits.any()) throw usage_error("--openings logs an edit; give one");
    const any_checkpoint file = open(flags.model);
    const boost::json::object made = origin(shared, file);
    std::optional<openings_log> log;  // opened first: a file that cannot be written is told before hours of work
    if (!flags.openings.empty()) log.emplace(flags.openings);
    const any_model model = load_model(flags.model);
    const evaluation done = evaluator(flags, model).run();
    std::optional<corrected_opening> opened;
    if (log) opened = log->add(opening(done, flags, made), test_of(*done.rows.at(1).changes));
    print(flags.json ? json_line(document(done, flags, opened, made)) : told(done, flags, opened));
}

void add_control_flags(CLI::App& command, evaluate_flags& flags) {
    const char* const group = "Controls and statistics";
    command.add_option("--controls", flags.controls.draws, "Matched random plans beside the edit; 19 for a claim")
        ->type_name("N")
        ->capture_default_str()
        ->group(group);
    command.add_option("--control-seed", flags.controls.seed, "Draws the controls")->type_name("N")->group(group);
    command.add_option("--match", flags.match, "Controls are as strong (strength), and scaled to diverge as much (kl)")
        ->check(CLI::IsMember({"kl", "strength"}))
        ->type_name("HOW")
        ->capture_default_str()
        ->group(group);
    command.add_option("--null-edits", flags.jitter.draws, "Edits that change next to nothing, to know the noise")
        ->type_name("N")
        ->capture_default_str()
        ->group(group);
    command.add_option("--penalty", flags.penalty, "Repetition penalty to compare with; 1: none")
        ->type_name("X")
        ->capture_default_str()
        ->group(group);
    command.add_flag("--known", flags.known, "Ask which items of closed lists the model knows")->group(group);
    command.add_option("--draws", flags.statistics.draws, "Draws of topics for intervals")
        ->check(CLI::Range(40, 1 << 24))
        ->type_name("N")
        ->capture_default_str()
        ->group(group);
    command.add_option("--statistics-seed", flags.statistics.seed, "Of those draws")->type_name("N")->group(group);
    command.add_option("--openings", flags.openings, "Log of all plans tested on these prompts, for Holm's correction")
        ->type_name("FILE")
        ->group(group);
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
    command->add_option("--seeds", flags->answers.seeds, "Answers a prompt; of greedy decoding they are all equal")
        ->check(CLI::Range(1, 1 << 16))
        ->type_name("N")
        ->capture_default_str();
    add_control_flags(*command, *flags);
    add_sampling(*command, flags->sampler);
    add_threads(*command, flags->answers.threads);
    add_json(*command, flags->json);
    command->footer("Example:\n  unloop evaluate --model model.gguf --neuron 10.1234=0 --suite lists_report");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
