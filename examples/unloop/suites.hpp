// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Probe suites and texts that come with the tool, and how a part of one is taken.
#ifndef UNLOOP_EXAMPLES_SUITES_HPP
#define UNLOOP_EXAMPLES_SUITES_HPP

#include <unloop/evaluate/compare_arms.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>
#include <unloop/evaluate/reference_text_json.hpp>

#include <string>  // paths

namespace tool {

/// Folder of the probes that come with the tool; UNLOOP_PROBES in the environment names another.
[[nodiscard]] std::string probes_folder();

/// A suite of that folder by name, "lists_fit", or any file by its path.
[[nodiscard]] unloop::probe_suite open_suite(const std::string& name);

/// At most `count` probes, spread over the topics: one a topic as long as that lasts, the forms in turn.
[[nodiscard]] unloop::probe_suite take(const unloop::probe_suite& suite, std::size_t count);

/// Texts of one role for `model`.
template <class Model>
[[nodiscard]] unloop::side_effect_texts open_texts(const Model& model, unloop::data_role role) {
    const auto texts = unloop::read_text_suite(probes_folder() + "/texts.json");
    const auto repetition = unloop::read_text_suite(probes_folder() + "/legitimate_repetition.json");
    return {unloop::force(model, unloop::texts_of(texts, role)),
            unloop::force(model, unloop::texts_of(repetition, role)), unloop::repeated_random_tokens(model)};
}

}  // namespace tool

#endif
