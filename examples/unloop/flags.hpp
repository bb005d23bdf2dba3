// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Flags that several subcommands share, and what they mean.
#ifndef UNLOOP_EXAMPLES_FLAGS_HPP
#define UNLOOP_EXAMPLES_FLAGS_HPP

#include <boost/json/fwd.hpp>  // array
#include <unloop/core/target_kinds.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/generate/prompt.hpp>
#include <unloop/generate/sampling.hpp>
#include <unloop/io/open.hpp>
#include <unloop/search/planting.hpp>

#include <cstddef>      // size_t
#include <optional>     // a prompt that may be absent
#include <span>         // names
#include <string>       // values
#include <string_view>  // lists
#include <vector>       // values

#include "console.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tool {

/// --model, required.
CLI::Option* add_model(CLI::App& command, std::string& path);
/// --json.
CLI::Option* add_json(CLI::App& command, bool& json);
/// --threads, from 1 to 255.
CLI::Option* add_threads(CLI::App& command, std::size_t& threads);

/// --temperature, --top-k, --top-p, --min-p, --repetition-penalty, --no-repeat-ngram, --seed; greedy without any.
void add_sampling(CLI::App& command, unloop::sampling& sampler);
/// Throws `usage_error` for what makes no sense.
void require_sampling(const unloop::sampling& sampler);

/// --ids, --prompt and --chat, of which one may be given.
struct prompt_flags {
    std::string ids, text, chat;
    CLI::Option *has_ids = nullptr, *has_text = nullptr, *has_chat = nullptr;

    void add_to(CLI::App& command);
    /// What was given, if anything was.
    [[nodiscard]] std::optional<unloop::any_prompt> given() const;
};

/// EDITS: --plan FILE, and a flag for each kind of target, --neuron LAYER.NEURON=FACTOR and its like (expert,
/// expert-neuron, head), and --mask-expert LAYER.EXPERT, any number of times; the plan's edits come first, then those
/// of the flags in the order given.
struct edit_flags {
    std::string plan_file;
    unloop::plan direct;  ///< of the flags
    bool rebase = false;

    void add_to(CLI::App& command);
    /// Whether anything was given.
    [[nodiscard]] bool any() const noexcept { return !plan_file.empty() || !direct.empty(); }
    /// Empty when nothing was given. Throws `unloop::error` when the plan is for another model, or (unless --rebase)
    /// for other weights than those of `file`.
    [[nodiscard]] unloop::plan plan_for(const unloop::any_checkpoint& file) const;
};

/// What the command line calls the kinds of targets: "neuron", "expert", "expert-neuron", "head".
[[nodiscard]] std::vector<std::string> kind_names();
/// The values that a flag takes.
[[nodiscard]] std::vector<std::string> choices_of(std::span<const std::string_view> names);
/// Throws `usage_error` for another name.
[[nodiscard]] unloop::any_target_kind kind_named(const std::string& name);

/// --targets KIND,...: which kinds may be edited; all without it.
void add_targets(CLI::App& command, unloop::target_kinds& kinds);
/// "neuron,expert": as --targets takes it.
[[nodiscard]] std::string names_of(const unloop::target_kinds& kinds);

/// --journal of what is planted.
void add_plant_journal(CLI::App& command, std::string& journal);
/// --fault, --culprits, --decoys and --most-draws: what is planted.
void add_fault(CLI::App& command, std::string& fault, std::size_t& culprits, std::size_t& decoys,
               std::size_t& most_draws);
/// Throws `usage_error` for another name.
[[nodiscard]] unloop::fault_kind fault_named(const std::string& name);

/// ["10.1234=-1", "expert 10.7=0", ...].
[[nodiscard]] boost::json::array edits_json(const unloop::plan& edits);

/// "2,7 9": integers from 0 to 2^31 - 1 between commas or white space. Throws `usage_error` naming what is none.
[[nodiscard]] std::vector<unloop::token_id> parse_ids(std::string_view text);

}  // namespace tool

#endif
