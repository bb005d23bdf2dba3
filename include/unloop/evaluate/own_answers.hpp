// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What the unedited model says to easy questions, as texts on which an edited one should agree with it.
#ifndef UNLOOP_EVALUATE_OWN_ANSWERS_HPP
#define UNLOOP_EVALUATE_OWN_ANSWERS_HPP

#include <unloop/core/expects.hpp>
#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/forced_text.hpp>
#include <unloop/evaluate/outcome.hpp>

#include <cstddef>  // size_t
#include <span>     // answers
#include <vector>   // texts

namespace unloop::inline v0 {

/// Those of `answers` that the model ended itself, with content and without a loop (`outcome::ended_with_content`), in
/// order, each named by its prompt. Answer i is one to probe i % probes. O(tokens + characters).
[[nodiscard]] inline std::vector<forced_text> ended_answers(const probe_suite& suite, std::span<const record> answers) {
    expects(answers.empty() || !suite.probes.empty(), "ended_answers: a probe for every answer");
    std::vector<forced_text> texts;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const probe& asked = suite.probes[i % suite.probes.size()];
        if (classify(answers[i], asked.kind) == outcome::ended_with_content)
            texts.push_back(force(answers[i], asked.prompt));
    }
    return texts;
}

/// The same of the model's greedy answers to `suite`. The model must be unedited and unbroken: its own answers are the
/// measure of health. `options.max_tokens` bounds the cost: what takes longer to end is left out. Throws `error` as
/// `answer_suite` does.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<forced_text> own_answers(const Model& model, const probe_suite& suite,
                                                   const answer_options& options = {}, Progress&& progress = {}) {
    const arm unedited{"unedited", nullptr};
    const auto answers = answer_suite(model, suite, std::span(&unedited, 1), options, greedy{}, progress);
    return ended_answers(suite, answers.front().answers);
}

}  // namespace unloop::inline v0

#endif
