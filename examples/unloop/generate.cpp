// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop generate: answers to one prompt or a suite of them, and the loops in them.
#include <CLI/CLI.hpp>
#include <chrono>  // speed
#include <memory>  // flags that outlive their function
#include <unloop/report/printable.hpp>
#include <unloop/report/record_json.hpp>
#include <unloop/report/table.hpp>

#include "answers.hpp"
#include "commands.hpp"
#include "flags.hpp"
#include "model_session.hpp"
#include "origin_json.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

struct generate_flags {
    std::string model, suite;
    prompt_flags prompt;
    edit_flags edits;
    generation_request request;
    bool ignore_end = false, json = false;
    std::string arithmetic = "exact";

    [[nodiscard]] unloop::arithmetic kind() const {
        return arithmetic == "fast" ? unloop::arithmetic::fast : unloop::arithmetic::exact;
    }
};

/// What is to be answered: token ids, and what to call it in a table.
struct named_prompts {
    std::vector<std::vector<token_id>> ids;
    std::vector<std::string> names;
};

/// A record, and the loop in it: of the stop rule, or found afterwards.
struct judged_record {
    record row;
    std::optional<judgement> loop;
};

named_prompts read_prompts(const generate_flags& flags, const model_session& model) {
    const auto single = flags.prompt.given();
    if (single.has_value() == !flags.suite.empty())
        throw usage_error("give one of --ids, --prompt, --chat and --suite");
    if (single) return {{model.encode(*single)}, {""}};
    named_prompts all;
    for (const probe& one : open_suite(flags.suite, flags.model).probes) {
        all.ids.push_back(model.encode(chat(one.prompt)));
        all.names.push_back(one.prompt);
    }
    return all;
}

judged_record judged(record row) {
    if (row.loop) return {row, judgement{*row.loop, unit_of(row.loop->kind)}};
    const answer_end end = row.ended_naturally() ? answer_end::natural : answer_end::cut;
    const auto loop = judge(answer{row.tokens, row.text, end}, end);
    return {std::move(row), loop};
}

/// What was generated, in how many seconds.
struct outcome_of_run {
    std::vector<judged_record> records;
    double seconds = 0;

    [[nodiscard]] std::size_t tokens() const {
        std::size_t sum = 0;
        for (const judged_record& one : records) sum += one.row.tokens.size();
        return sum;
    }
    [[nodiscard]] std::string speed() const {
        return std::to_string(tokens()) + " tokens in " + duration_text(seconds) + ", " +
               fixed_text(static_cast<double>(tokens()) / seconds, 1) + " tokens/s";
    }
};

outcome_of_run run_model(const model_session& model, const generation_request& request) {
    progress_bar bar;
    const auto start = std::chrono::steady_clock::now();
    std::vector<record> rows = model.generate(request, bar);
    outcome_of_run made;
    made.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (record& row : rows) made.records.push_back(judged(std::move(row)));
    return made;
}

template <class Value>
void put(boost::json::object& out, const char* name, const std::optional<Value>& value) {
    if (value) out[name] = *value;
}

boost::json::object options_json(const generation_request& request) {
    boost::json::object out{
        {"max_tokens", request.options.max_tokens}, {"batch", request.options.batch},
        {"threads", request.options.threads},       {"stop_at_end_token", request.options.stop_at_end_token},
        {"stop_at_loop", request.stop_at_loop},     {"seed", request.sampler.seed}};
    put(out, "repetition_penalty", request.sampler.repetition_penalty);
    put(out, "no_repeat_ngram", request.sampler.no_repeat_ngram);
    put(out, "temperature", request.sampler.temperature);
    put(out, "top_k", request.sampler.top_k);
    put(out, "top_p", request.sampler.top_p);
    put(out, "min_p", request.sampler.min_p);
    return out;
}

std::string document(const outcome_of_run& made, const generate_flags& flags, boost::json::object origin) {
    const generation_request& request = flags.request;
    boost::json::array records;
    for (const judged_record& one : made.records) {
        boost::json::object row = to_json(one.row);
        row["loop"] = one.loop ? boost::json::value(to_json(one.loop->loop, one.loop->unit)) : nullptr;
        records.push_back(std::move(row));
    }
    return json_line({{"origin", std::move(origin)},
                      {"arithmetic", flags.arithmetic},
                      {"options", options_json(request)},
                      {"edits", edits_json(request.edits)},
                      {"records", std::move(records)},
                      {"timing",
                       {{"seconds", made.seconds},
                        {"tokens", made.tokens()},
                        {"tokens_per_second", static_cast<double>(made.tokens()) / made.seconds}}}});
}

std::string loop_text(const std::optional<judgement>& loop) {
    if (!loop) return "-";
    return std::string(name_of(loop->loop.kind)) + ", " + std::to_string(loop->loop.copies) + " x " +
           std::to_string(loop->loop.period) + " " + std::string(loop->unit) + " from " +
           std::to_string(loop->loop.start);
}

std::string one_answer(const outcome_of_run& made) {
    const judged_record& one = made.records.front();
    table facts({{""}, {""}});
    std::string ids;
    for (const token_id id : one.row.tokens) ids += (ids.empty() ? "" : ",") + std::to_string(id);
    facts.add({"tokens", ids});
    facts.add({"stopped by", std::string(name_of(one.row.reason))});
    facts.add({"loop", loop_text(one.loop)});
    facts.add({"speed", made.speed()});
    const std::string text = printable(one.row.text, line_breaks::keep);
    return text + (text.empty() ? "" : "\n\n") + facts.text();
}

std::string many_answers(const outcome_of_run& made, const std::vector<std::string>& names) {
    table rows({{"", alignment::right}, {"prompt"}, {"tokens", alignment::right}, {"stopped by"}, {"loop"}});
    std::size_t loops = 0;
    for (std::size_t i = 0; i < made.records.size(); ++i) {
        const judged_record& one = made.records[i];
        loops += one.loop ? 1 : 0;
        rows.add({std::to_string(i + 1), shorten(printable(names[i]), 44), std::to_string(one.row.tokens.size()),
                  std::string(name_of(one.row.reason)), loop_text(one.loop)});
    }
    return rows.text() + std::to_string(loops) + " of " + std::to_string(made.records.size()) + " answers loop; " +
           made.speed() + "\n";
}

void run(generate_flags& flags, const context& shared) {
    require_sampling(flags.request.sampler);
    const auto model = open_model(flags.model, flags.kind());
    named_prompts prompts = read_prompts(flags, *model);
    flags.request.prompts = std::move(prompts.ids);
    flags.request.edits = flags.edits.plan_for(model->file());
    flags.request.options.stop_at_end_token = !flags.ignore_end;
    const outcome_of_run made = run_model(*model, flags.request);
    if (flags.json)
        print(document(made, flags, origin(shared, model->file())));
    else
        print(flags.suite.empty() ? one_answer(made) : many_answers(made, prompts.names));
}

}  // namespace

void add_generate(CLI::App& app, context& shared) {
    auto flags = std::make_shared<generate_flags>();
    CLI::App* const command = app.add_subcommand("generate", "Answer prompts, and say which answers loop");
    generation_options& options = flags->request.options;
    add_model(*command, flags->model);
    flags->prompt.add_to(*command);
    command
        ->add_option("--suite", flags->suite, "Prompts: a suite by name, a JSON file, or a .txt with a message a line")
        ->type_name("NAME|FILE");
    command->add_option("--max-tokens", options.max_tokens, "Most tokens of an answer")
        ->check(CLI::Range(1, 1 << 20))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--batch", options.batch, "Most answers side by side; results never depend on it")
        ->check(CLI::Range(1, 1 << 16))
        ->type_name("N")
        ->capture_default_str();
    add_threads(*command, options.threads);
    command
        ->add_option("--arithmetic", flags->arithmetic,
                     "How activations meet Q4_1 and Q8_0 weights: as float32 (exact), or rounded to 8 bits (fast)")
        ->check(CLI::IsMember({"exact", "fast"}))
        ->type_name("exact|fast")
        ->capture_default_str();
    command->add_flag("--stop-at-loop", flags->request.stop_at_loop, "End an answer as soon as it loops");
    command->add_flag("--ignore-end", flags->ignore_end, "Go on after the model's end token");
    command->add_flag("--log-probabilities", options.log_probabilities, "With --json: of the tokens chosen");
    flags->edits.add_to(*command);
    add_sampling(*command, flags->request.sampler);
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop generate --model m.gguf --chat \"List all dog breeds.\" --stop-at-loop\n"
        "  unloop generate --model m.gguf --chat \"List all dog breeds.\" --neuron 10.1234=-1\n"
        "  unloop generate --model m.gguf --suite prompts.txt --max-tokens 400 --json > answers.json");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
