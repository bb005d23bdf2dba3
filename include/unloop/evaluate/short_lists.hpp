// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Short complete lists as questions: whether a model still names all of what it could name before an edit.
#ifndef UNLOOP_EVALUATE_SHORT_LISTS_HPP
#define UNLOOP_EVALUATE_SHORT_LISTS_HPP

#include <unloop/evaluate/answer_items.hpp>
#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/measurement.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/evaluate/rate.hpp>
#include <unloop/evaluate/reference_text.hpp>
#include <unloop/generate/sampling.hpp>

#include <cstddef>   // size_t
#include <optional>  // nothing was asked
#include <span>      // arms
#include <vector>    // a value an arm

namespace unloop::inline v0 {

/// A question for every text of kind "list" with that role and a prompt; its gold items are those that the text names.
/// O(characters).
[[nodiscard]] inline probe_suite short_lists(const text_suite& texts, data_role role) {
    probe_suite suite{texts.name, role, {}};
    for (const reference_text& list : texts_of(texts, role, "list").texts)
        if (!list.prompt.empty())
            suite.probes.push_back({list.prompt, list.name, {}, read_answer(list.text, answer_end::natural).distinct});
    return suite;
}

/// Most tokens of an answer to a short list: the longest of examples/probes takes 54 of SmolLM2.
inline constexpr std::size_t short_list_tokens = 160;

/// Mean recall of each arm's greedy answers to `suite`, one a question, absent where it asks nothing. Throws `error` as
/// `answer_suite` does.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<std::optional<average>> short_list_recall(const Model& model, const probe_suite& suite,
                                                                    std::span<const arm> arms, answer_options options,
                                                                    Progress&& progress = {}) {
    std::vector<std::optional<average>> recalls(arms.size());
    if (suite.probes.empty()) return recalls;
    options.max_tokens = short_list_tokens;
    options.seeds = 1;
    const auto answers = answer_suite(model, suite, arms, options, greedy{}, progress);
    for (std::size_t i = 0; i < arms.size(); ++i) recalls[i] = measure(arms[i].name, suite, answers[i].answers).recall;
    return recalls;
}

}  // namespace unloop::inline v0

#endif
