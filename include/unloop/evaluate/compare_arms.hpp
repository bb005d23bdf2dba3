// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The result table of an edit: every arm's answers and side effects, measured the same way.
#ifndef UNLOOP_EVALUATE_COMPARE_ARMS_HPP
#define UNLOOP_EVALUATE_COMPARE_ARMS_HPP

#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/copying.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/loop_onset.hpp>
#include <unloop/evaluate/measurement.hpp>
#include <unloop/generate/sampling.hpp>

#include <cstddef>  // size_t
#include <span>     // arms
#include <string>   // names
#include <utility>  // move
#include <vector>   // measurements

namespace unloop::inline v0 {

/// Texts on which side effects are measured, none of them used by fitting or search.
struct side_effect_texts {
    std::vector<forced_text> healthy;     ///< KL
    std::vector<forced_text> repetition;  ///< legitimate repetition: accuracy
    std::vector<forced_text> copying;     ///< repeated random tokens: accuracy
};

struct comparison {
    std::vector<measurement> arms;  ///< in the order given; the first is the model as it is
    std::vector<record> unedited;   ///< answers of the first arm
};

/// Measures `arms` of one model: outcomes of what `sampler` answers to `suite`, and side effects. The first arm must
/// have no plan. Throws `error` as `answer_suite` does.
template <class Model, class Sampler = greedy, class Progress = no_progress>
[[nodiscard]] comparison compare_arms(const Model& model, const probe_suite& suite, std::span<const arm> arms,
                                      const side_effect_texts& texts, const answer_options& options = {},
                                      const Sampler& sampler = {}, Progress&& progress = {}) {
    expects(!arms.empty() && arms.front().edit == nullptr, "compare_arms: the first arm is the model as it is");
    std::vector<arm_answers> answers = answer_suite(model, suite, arms, options, sampler, progress);
    std::vector<const plan*> plans;
    for (const arm& one : arms) plans.push_back(one.edit);
    const forced_options how{.threads = options.threads};
    const auto edits = std::span(plans).subspan(1);
    const std::vector<divergence> healthy = token_divergences(model, edits, texts.healthy, how, progress);
    const auto copying = score_predictions(model, plans, texts.copying, how, progress);
    const auto repetition = score_predictions(model, plans, texts.repetition, how, progress);
    comparison result;
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const std::vector<record>* const compared = i == 0 ? nullptr : &answers.front().answers;
        measurement measured = measure(arms[i].name, suite, answers[i].answers,
                                       compared ? std::span<const record>(*compared) : std::span<const record>());
        if (i > 0) measured.healthy = healthy[i - 1];
        measured.onset = kaplan_meier(loop_lifetimes(model, answers[i].answers));
        measured.copying = copying[i];
        measured.repetition = repetition[i];
        result.arms.push_back(std::move(measured));
    }
    result.unedited = std::move(answers.front().answers);
    return result;
}

/// The same for an edited model that was loaded from its own file; `unedited` answers come from `model` under the same
/// options.
template <class Model, class Edited, class Progress = no_progress>
[[nodiscard]] measurement measure_edited(std::string name, const Model& model, const Edited& edited,
                                         const probe_suite& suite, std::span<const record> unedited,
                                         const side_effect_texts& texts, const answer_options& options = {},
                                         Progress&& progress = {}) {
    const arm as_stored{name, nullptr};
    const auto answers = answer_suite(edited, suite, std::span(&as_stored, 1), options, greedy{}, progress);
    measurement measured = measure(std::move(name), suite, answers.front().answers, unedited);
    const forced_options how{.threads = options.threads};
    measured.healthy = token_divergence(model, edited, texts.healthy, how);
    measured.onset = kaplan_meier(loop_lifetimes(edited, answers.front().answers));
    const plan* const none = nullptr;
    measured.copying = score_predictions(edited, none, texts.copying, how);
    measured.repetition = score_predictions(edited, none, texts.repetition, how);
    return measured;
}

/// The same for a sampler in place of an edit: answers only. What a processor of logits does to the distribution:
/// `processor_divergence`.
template <class Model, class Sampler, class Progress = no_progress>
[[nodiscard]] measurement measure_sampler(std::string name, const Model& model, const Sampler& sampler,
                                          const probe_suite& suite, std::span<const record> unedited,
                                          const answer_options& options = {}, Progress&& progress = {}) {
    const arm as_shipped{name, nullptr};
    const auto answers = answer_suite(model, suite, std::span(&as_shipped, 1), options, sampler, progress);
    measurement measured = measure(std::move(name), suite, answers.front().answers, unedited);
    measured.onset = kaplan_meier(loop_lifetimes(model, answers.front().answers));
    return measured;
}

}  // namespace unloop::inline v0

#endif
