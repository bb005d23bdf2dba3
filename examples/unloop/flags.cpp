// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Flags that several subcommands share, and what they mean.
#include "flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>  // replace
#include <charconv>   // from_chars
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_json.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/io/open.hpp>

#include "commands.hpp"

namespace tool {

CLI::Option* add_model(CLI::App& command, std::string& path) {
    return command.add_option("--model", path, "GGUF file or Hugging Face folder of the model")
        ->required()
        ->type_name("PATH");
}

CLI::Option* add_json(CLI::App& command, bool& json) {
    return command.add_flag("--json", json, "Print one JSON document on one line (see docs/tool.md)");
}

CLI::Option* add_threads(CLI::App& command, std::size_t& threads) {
    threads = default_threads();
    return command.add_option("--threads", threads, "Threads; results never depend on it")
        ->check(CLI::Range(std::size_t{1}, std::size_t{255}))
        ->type_name("N")
        ->capture_default_str();
}

void prompt_flags::add_to(CLI::App& command) {
    has_ids = command.add_option("--ids", ids, "Token ids, used as they are")->type_name("N,N,...");
    has_text = command.add_option("--prompt", text, "Text to be continued")->type_name("TEXT");
    has_chat =
        command.add_option("--chat", chat, "Message to be answered, in the model's chat format")->type_name("TEXT");
    has_ids->excludes(has_text)->excludes(has_chat);
    has_text->excludes(has_chat);
}

std::optional<unloop::any_prompt> prompt_flags::given() const {
    if (*has_ids) return unloop::ids_prompt{parse_ids(ids)};
    if (*has_text) return unloop::text_prompt{text};
    if (*has_chat) return unloop::chat(chat);
    return std::nullopt;
}

namespace {

std::string flag_name(const unloop::any_target_kind& kind) {
    std::string name(name_of(kind));
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

/// A flag that may be repeated; `take(text)` is called for each use, in the order of the command line, and throws
/// `unloop::error` for text that is none.
template <class Take>
void add_edit(CLI::App& command, const std::string& flag, const std::string& help, const std::string& form,
              const Take& take) {
    command
        .add_option_function<std::string>(
            flag,
            [take, flag](const std::string& text) {
                try {
                    take(text);
                } catch (const unloop::error& fault) {
                    throw CLI::ValidationError(flag, fault.what());
                }
            },
            help)
        ->type_name(form)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->trigger_on_parse();
}

}  // namespace

void edit_flags::add_to(CLI::App& command) {
    command.add_option("--plan", plan_file, "Plan of edits, a JSON file")->type_name("FILE");
    unloop::for_each_target_kind([&]<class Id>(unloop::target_kind<Id> kind) {
        const std::string name(kind.name);
        add_edit(command, "--" + flag_name(kind), "Multiply this " + name + "; can be repeated",
                 std::string(kind.form) + "=FACTOR",
                 [this](const std::string& text) { direct.edits.push_back(unloop::parse_edit<Id>(text)); });
    });
    add_edit(command, "--mask-expert", "Let the router never choose this expert; can be repeated",
             std::string(unloop::target_kind<unloop::expert_id>::form), [this](const std::string& text) {
                 direct = direct + unloop::mask(unloop::parse_target<unloop::expert_id>(text));
             });
    command.add_flag("--rebase", rebase, "Take a plan that was made for other weights of the same dimensions");
}

unloop::plan edit_flags::plan_for(const unloop::any_checkpoint& file) const {
    unloop::plan edits;
    if (!plan_file.empty()) {
        unloop::plan_document document = unloop::parse_plan(read_input(plan_file), plan_file);
        unloop::check_dimensions(document.fingerprint, read_config(file));
        if (!rebase) unloop::check_rows(document.fingerprint, document.plan, file);
        edits = std::move(document.plan);
    }
    return edits + direct;
}

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    unloop::for_each_target_kind([&](auto kind) { names.push_back(flag_name(kind)); });
    return names;
}

unloop::any_target_kind kind_named(const std::string& name) {
    std::optional<unloop::any_target_kind> found;
    unloop::for_each_target_kind([&](auto kind) {
        if (flag_name(kind) == name) found = kind;
    });
    if (!found) throw usage_error("'" + name + "' is no kind of target");
    return *found;
}

void add_targets(CLI::App& command, unloop::target_kinds& kinds) {
    command
        .add_option_function<std::vector<std::string>>(
            "--targets",
            [&kinds](const std::vector<std::string>& names) {
                kinds = {};
                for (const std::string& name : names) kinds.add(kind_named(name));
            },
            "Kinds that may be edited, between commas; all without this")
        ->delimiter(',')
        ->check(CLI::IsMember(kind_names()))
        ->type_name("KIND");
}

std::string names_of(const unloop::target_kinds& kinds) {
    std::string names;
    unloop::for_each_target_kind([&](auto kind) {
        if (kinds.contains(kind)) names += (names.empty() ? "" : ",") + flag_name(kind);
    });
    return names;
}

std::vector<std::string> choices_of(std::span<const std::string_view> names) { return {names.begin(), names.end()}; }

void add_plant_journal(CLI::App& command, std::string& journal) {
    command.add_option("--journal", journal, "Remember how often the model loops under each draw; other seeds go on")
        ->type_name("FILE");
}

void add_fault(CLI::App& command, std::string& fault, std::size_t& culprits, std::size_t& decoys,
               std::size_t& most_draws) {
    command.add_option("--fault", fault, "What is done to it")
        ->check(CLI::IsMember(choices_of(unloop::fault_names)))
        ->type_name("FAULT")
        ->capture_default_str();
    command.add_option("--culprits", culprits, "Targets that are drawn and broken together")
        ->check(CLI::Range(std::size_t{1}, std::size_t{16}))
        ->type_name("N")
        ->capture_default_str();
    command.add_option("--decoys", decoys, "Targets that are as strong, scaled likewise, and do no harm")
        ->check(CLI::Range(std::size_t{0}, std::size_t{64}))
        ->type_name("N")
        ->capture_default_str();
    command.add_option("--most-draws", most_draws, "Draws until the model breaks")
        ->type_name("N")
        ->capture_default_str();
}

unloop::fault_kind fault_named(const std::string& name) {
    for (std::size_t i = 0; i < unloop::fault_names.size(); ++i)
        if (unloop::fault_names[i] == name) return static_cast<unloop::fault_kind>(i);
    throw usage_error("'" + name + "' is no kind of fault");
}

boost::json::array edits_json(const unloop::plan& edits) {
    boost::json::array list;
    for (const unloop::target_edit& edit : edits.edits) list.push_back(boost::json::string(to_string(edit)));
    return list;
}

std::vector<unloop::token_id> parse_ids(std::string_view text) {
    constexpr std::string_view between = ", \t\r\n";
    std::vector<unloop::token_id> ids;
    for (std::size_t at = text.find_first_not_of(between); at != std::string_view::npos;) {
        const std::string_view word = text.substr(at, text.find_first_of(between, at) - at);
        unloop::token_id id = 0;
        const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), id);
        if (fault != std::errc() || end != word.data() + word.size() || id < 0)
            throw usage_error("'" + std::string(word.substr(0, 40)) + "' is no token id; write integers like 2,7,9");
        ids.push_back(id);
        at = text.find_first_not_of(between, at + word.size());
    }
    return ids;
}

void add_sampling(CLI::App& command, unloop::sampling& sampler) {
    const auto add = [&command](const char* name, auto& value, const char* help, const char* type) {
        command.add_option(name, value, help)->type_name(type)->group("Sampling (greedy without any)");
    };
    add("--temperature", sampler.temperature, "Divide logits by this; 0: greedy", "T");
    add("--top-k", sampler.top_k, "Keep the K most probable tokens", "K");
    add("--top-p", sampler.top_p, "Keep the most probable tokens that make up this share", "P");
    add("--min-p", sampler.min_p, "Keep tokens of this share of the best one's probability", "P");
    add("--repetition-penalty", sampler.repetition_penalty, "Penalise tokens that were there, prompt included", "F");
    add("--no-repeat-ngram", sampler.no_repeat_ngram, "Never repeat N tokens", "N");
    add("--seed", sampler.seed, "Seed of the draws", "N");
}

void require_sampling(const unloop::sampling& sampler) {
    try {
        check_sampling(sampler);
    } catch (const unloop::error& fault) {
        throw usage_error(fault.what());
    }
}

}  // namespace tool
