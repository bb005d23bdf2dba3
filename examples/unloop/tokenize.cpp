// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop tokenize: text to token ids, and back.
#include <unistd.h>  // isatty
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/core/progress_counter.hpp>
#include <unloop/report/progress_bar.hpp>
#include <unloop/report/record_json.hpp>

#include "answers.hpp"
#include "commands.hpp"
#include "flags.hpp"
#include "model_session.hpp"
#include "origin_json.hpp"

namespace tool {

namespace {

using namespace unloop;

struct tokenize_flags {
    std::string model;
    std::string file = "-";
    std::string text;
    CLI::Option* has_text = nullptr;
    bool decode = false, json_lines = false, plain = false, json = false;
};

std::string joined(std::span<const token_id> ids) {
    std::string line;
    for (const token_id id : ids) line.append(line.empty() ? "" : " ").append(std::to_string(id));
    return line + "\n";
}

/// Fills the half of `one` that is missing.
template <progress_sink Progress>
void complete(answer& one, const tokenize_flags& flags, const any_tokenizer& tokenizer, Progress&& progress) {
    if (flags.decode) {
        if (!one.tokens) throw error("an answer without \"ids\" cannot be decoded; leave out --decode to encode texts");
        one.text = tokenizer.decode(*one.tokens, {.skip_special = flags.plain}, progress);
    } else {
        if (!one.text) throw error("an answer without \"text\" cannot be encoded; add --decode to decode ids");
        one.tokens =
            tokenizer.encode(*one.text, {.parse_special = !flags.plain, .add_special = !flags.plain}, progress);
    }
}

boost::json::object document(const answer& one) {
    return {{"text", json_text(*one.text)}, {"ids", json_list(*one.tokens)}};
}

exit_code run(const tokenize_flags& flags, const context& shared) {
    const auto model = open_model(flags.model);
    const any_tokenizer& tokenizer = model->tokenizer();
    progress_bar bar;
    const std::string input = *flags.has_text ? flags.text : read_input(flags.file);
    if (flags.json_lines || flags.file.ends_with(".jsonl")) {
        std::vector<answer> lines = parse_json_lines(input, flags.file == "-" ? "standard input" : flags.file);
        progress_counter counter("lines", lines.size(), 1);
        for (answer& one : lines) {
            complete(one, flags, tokenizer, no_progress{});
            if (::isatty(STDOUT_FILENO) != 0) bar.wipe();  // the line and the bar would mix
            print(json_line(document(one)));
            counter.add(1, bar);
        }
        return done;
    }
    answer whole;
    if (flags.decode)
        whole.tokens = parse_ids(input);
    else
        whole.text = input;
    complete(whole, flags, tokenizer, bar);
    bar.wipe();
    if (flags.json) {
        boost::json::object out{{"origin", origin(shared, model->file())}};
        for (const auto& part : document(whole)) out.insert(part);
        print(json_line(out));
    } else {
        print(flags.decode ? *whole.text : joined(*whole.tokens));
    }
    return done;
}

}  // namespace

void add_tokenize(CLI::App& app, context& shared) {
    auto flags = std::make_shared<tokenize_flags>();
    CLI::App* const command = app.add_subcommand("tokenize", "Turn text into token ids, or ids into text");
    add_model(*command, flags->model);
    CLI::Option* const file = command->add_option("file", flags->file, "Input, - for standard input")
                                  ->type_name("FILE")
                                  ->capture_default_str();
    flags->has_text = command->add_option("--text", flags->text, "Input itself, instead of a file")->type_name("TEXT");
    flags->has_text->excludes(file);
    command->add_flag("--decode", flags->decode,
                      "Input is ids between blanks or commas; print their text, no byte more");
    command->add_flag("--jsonl", flags->json_lines,
                      "Input is lines like {\"text\": ...}, with --decode {\"ids\": ...}");
    command->add_flag("--plain", flags->plain,
                      "Control tokens are text like any other and none is added; with --decode "
                      "they are left out");
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop tokenize --model m.gguf --text \"dog breeds\"\n"
        "  unloop tokenize --model m.gguf story.txt | unloop tokenize --model m.gguf --decode\n"
        "  unloop tokenize --model m.gguf --decode --text 504,2388");
    command->callback([flags, &shared] { shared.status = run(*flags, shared); });
}

}  // namespace tool
