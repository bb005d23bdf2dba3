// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Probe suites and texts that come with the tool, and how a part of one is taken.
#ifndef UNLOOP_EXAMPLES_SUITES_HPP
#define UNLOOP_EXAMPLES_SUITES_HPP

#include <unloop/evaluate/compare_arms.hpp>
#include <unloop/evaluate/own_answers.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>
#include <unloop/evaluate/reference_text_json.hpp>

#include <cstddef>     // size_t
#include <filesystem>  // exists
#include <iterator>    // move_iterator
#include <string>      // paths
#include <vector>      // texts

namespace tool {

/// Folder of the probes for the model at `model`: UNLOOP_PROBES in the environment, else `probes` in the model's own
/// folder, else those that come with the tool.
[[nodiscard]] std::string probes_folder(const std::string& model);

/// A suite of that folder by name, "lists_fit", or any file by its path.
[[nodiscard]] unloop::probe_suite open_suite(const std::string& name, const std::string& model);

/// The same, to choose among plans on: throws `unloop::error` for a suite of another role, whose result would mean
/// nothing afterwards. Lines of a .txt have no role and are taken.
[[nodiscard]] unloop::probe_suite open_select_suite(const std::string& name, const std::string& model);

/// Questions that the model answers well and a planted fault breaks: "known_ROLE" where the folder has it (lists, for
/// models whose answers to easy questions are too short to loop), else "easy_ROLE".
[[nodiscard]] std::string act_one_suite_name(const std::string& role, const std::string& model);
[[nodiscard]] inline unloop::probe_suite act_one_suite(const std::string& role, const std::string& model) {
    return open_suite(act_one_suite_name(role, model), model);
}

/// At most `count` probes, spread over the topics: one a topic as long as that lasts, the forms in turn.
[[nodiscard]] unloop::probe_suite take(const unloop::probe_suite& suite, std::size_t count);

/// Most tokens of an easy answer that becomes a text: those that end sooner are told apart well enough, and cost
/// little.
inline constexpr std::size_t easy_answer_tokens = 64;

/// Texts of one role for `model`, all of them written by people.
template <class Model>
[[nodiscard]] unloop::side_effect_texts open_texts(const Model& model, unloop::data_role role) {
    const std::string folder = probes_folder(model.file().path());
    const auto texts = unloop::read_text_suite(folder + "/texts.json");
    const auto repetition = unloop::read_text_suite(folder + "/legitimate_repetition.json");
    return {unloop::force(model, unloop::texts_of(texts, role)),
            unloop::force(model, unloop::texts_of(repetition, role)), unloop::repeated_random_tokens(model),
            unloop::short_lists(texts, role)};
}

/// Texts that tell what is broken in `model`: those of one role, and many short passages where the folder has them,
/// since a fault shows in some texts and not in others.
template <class Model>
[[nodiscard]] std::vector<unloop::forced_text> repair_texts(const Model& model, unloop::data_role role) {
    std::vector<unloop::forced_text> texts = open_texts(model, role).healthy;
    const std::string file = probes_folder(model.file().path()) + "/passages.json";
    if (!std::filesystem::exists(file)) return texts;
    auto passages = unloop::force(model, unloop::texts_of(unloop::read_text_suite(file), role));
    texts.insert(texts.end(), std::move_iterator(passages.begin()), std::move_iterator(passages.end()));
    return texts;
}

/// Texts as `open_texts` gives them, and what `model`, which must not be a broken one, itself answers to the easy
/// questions of that role.
template <class Model, unloop::progress_sink Progress>
[[nodiscard]] unloop::side_effect_texts open_texts_and_answers(const Model& model, unloop::data_role role,
                                                               std::size_t threads, Progress& progress) {
    unloop::side_effect_texts texts = open_texts(model, role);
    const unloop::probe_suite easy = open_suite("easy_" + std::string(name_of(role)), model.file().path());
    auto answers = unloop::own_answers(model, easy, {.max_tokens = easy_answer_tokens, .threads = threads}, progress);
    texts.healthy.insert(texts.healthy.end(), std::move_iterator(answers.begin()), std::move_iterator(answers.end()));
    return texts;
}

}  // namespace tool

#endif
