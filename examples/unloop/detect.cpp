// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop detect: loops in text or token ids of any engine.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/report/record_json.hpp>

#include "answers.hpp"
#include "commands.hpp"
#include "flags.hpp"
#include "origin_json.hpp"

namespace tool {

namespace {

struct detect_flags {
    std::string file = "-";
    std::string format = "auto";
    std::string end = "cut";
    bool json = false;
};

std::vector<answer> read_answers(const detect_flags& flags) {
    std::string text = read_input(flags.file);
    const bool by_name = flags.file.ends_with(".jsonl") || flags.file.ends_with(".ndjson");
    if (flags.format == "jsonl" || (flags.format == "auto" && (by_name || looks_like_json_lines(text))))
        return parse_json_lines(text, flags.file == "-" ? "standard input" : flags.file);
    answer whole;
    if (flags.format == "ids")
        whole.tokens = parse_ids(text);
    else
        whole.text = std::move(text);
    return {std::move(whole)};
}

std::string sentence(std::size_t number, const judgement& found) {
    const std::string unit(found.unit.substr(0, found.unit.size() - 1));
    return "answer " + std::to_string(number) + ": " + std::string(name_of(found.loop.kind)) + ", " +
           std::to_string(found.loop.copies) + " copies of " + std::to_string(found.loop.period) + " " + unit +
           (found.loop.period == 1 ? "" : "s") + ", from " + unit + " " + std::to_string(found.loop.start) + " on\n";
}

exit_code run(const detect_flags& flags, const context& shared) {
    const std::vector<answer> answers = read_answers(flags);
    const auto end = flags.end == "natural" ? unloop::answer_end::natural : unloop::answer_end::cut;
    boost::json::array results;
    std::size_t loops = 0;
    unloop::progress_bar bar;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers.size() > 1)
            bar({"answers", static_cast<std::int64_t>(i), static_cast<std::int64_t>(answers.size())});
        const auto found = judge(answers[i], end, answers.size() > 1 ? nullptr : &bar);
        loops += found ? 1 : 0;
        if (flags.json)
            results.push_back(found ? boost::json::value(to_json(found->loop, found->unit)) : nullptr);
        else if (found)
            bar.wipe(), print(sentence(i + 1, *found));
    }
    bar.wipe();
    if (flags.json)
        print(unloop::json_line({{"origin", origin(shared)},
                                 {"answers", answers.size()},
                                 {"looping", loops},
                                 {"loops", std::move(results)}}));
    else
        print(std::to_string(loops) + " of " + std::to_string(answers.size()) + " answers loop\n");
    return loops > 0 ? loop_found : done;
}

}  // namespace

void add_detect(CLI::App& app, context& shared) {
    auto flags = std::make_shared<detect_flags>();
    CLI::App* const command =
        app.add_subcommand("detect", "Find loops in answers of any engine; exit code 1 on a loop");
    command->add_option("file", flags->file, "Answers, - for standard input")->type_name("FILE")->capture_default_str();
    command->add_option("--format", flags->format, "What the input is: one text, one list of ids, or JSON lines")
        ->check(CLI::IsMember({"auto", "text", "ids", "jsonl"}))
        ->type_name("FORMAT")
        ->capture_default_str();
    command->add_option("--end", flags->end, "How answers ended that do not say so: natural, or cut off")
        ->check(CLI::IsMember({"natural", "cut"}))
        ->type_name("END")
        ->capture_default_str();
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop detect answer.txt\n"
        "  unloop detect answers.jsonl --json          lines like {\"text\": \"...\"} or {\"tokens\": [1, 2]}\n"
        "  unloop generate --model m.gguf --chat \"List dog breeds.\" --json | unloop detect");
    command->callback([flags, &shared] { shared.status = run(*flags, shared); });
}

}  // namespace tool
