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
#include <unloop/evaluate/short_lists.hpp>
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
    probe_suite short_lists = {};         ///< recall of greedy answers; without probes not measured
};

/// What was measured, an entry an arm; the first is the model as it is, with which the others are compared.
struct comparison {
    std::vector<measurement> arms;
    std::vector<std::vector<record>> answers;  ///< of each arm, a record a probe

    [[nodiscard]] const std::vector<record>& unedited() const noexcept { return answers.front(); }
};

/// An edited model that was loaded from its own file.
template <class Model>
struct stored_arm {
    std::string name;
    const Model* model = nullptr;
};

namespace detail {

/// What answers alone tell; `model` speaks the tokenizer's language.
template <class Model>
measurement& add_answers(comparison& compared, const std::string& name, const Model& model, const probe_suite& suite,
                         std::vector<record> answers) {
    const auto unedited = compared.answers.empty() ? std::span<const record>() : std::span(compared.unedited());
    measurement measured = measure(name, suite, answers, unedited);
    measured.onset = kaplan_meier(loop_lifetimes(model, answers));
    compared.arms.push_back(std::move(measured));
    compared.answers.push_back(std::move(answers));
    return compared.arms.back();
}

}  // namespace detail

/// Measures more arms of one model beside those of `compared`: outcomes of what `sampler` answers to `suite`, and side
/// effects. What is there already is not measured again: the same suite, sampler and options are the caller's to keep.
/// An arm without a plan has no divergence. Throws `error` as `answer_suite` does.
template <class Model, class Sampler = greedy, class Progress = no_progress>
void add_arms(comparison& compared, const Model& model, const probe_suite& suite, std::span<const arm> arms,
              const side_effect_texts& texts, const answer_options& options = {}, const Sampler& sampler = {},
              Progress&& progress = {}) {
    std::vector<arm_answers> answers = answer_suite(model, suite, arms, options, sampler, progress);
    std::vector<const plan*> plans, edits;
    for (const arm& one : arms) {
        plans.push_back(one.edit);
        if (one.edit) edits.push_back(one.edit);
    }
    const forced_options how{.threads = options.threads};
    const std::vector<divergence> healthy = token_divergences(model, edits, texts.healthy, how, progress);
    const auto copying = score_predictions(model, plans, texts.copying, how, progress);
    const auto repetition = score_predictions(model, plans, texts.repetition, how, progress);
    const auto short_recalls = short_list_recall(model, texts.short_lists, arms, options, progress);
    for (std::size_t i = 0, next = 0; i < arms.size(); ++i) {
        measurement& measured =
            detail::add_answers(compared, arms[i].name, model, suite, std::move(answers[i].answers));
        if (arms[i].edit) measured.healthy = healthy[next++];
        measured.copying = copying[i];
        measured.repetition = repetition[i];
        measured.short_recall = short_recalls[i];
    }
}

/// The arms of one model, the first of which must have no plan.
template <class Model, class Sampler = greedy, class Progress = no_progress>
[[nodiscard]] comparison compare_arms(const Model& model, const probe_suite& suite, std::span<const arm> arms,
                                      const side_effect_texts& texts, const answer_options& options = {},
                                      const Sampler& sampler = {}, Progress&& progress = {}) {
    expects(!arms.empty() && arms.front().edit == nullptr, "compare_arms: the first arm is the model as it is");
    comparison compared;
    add_arms(compared, model, suite, arms, texts, options, sampler, progress);
    return compared;
}

/// Adds edited models that were loaded from their own files, compared with `model`. Greedy answers.
template <class Model, class Edited, class Progress = no_progress>
void add_edited(comparison& compared, const Model& model, const probe_suite& suite,
                std::span<const stored_arm<Edited>> arms, const side_effect_texts& texts,
                const answer_options& options = {}, Progress&& progress = {}) {
    const forced_options how{.threads = options.threads};
    std::vector<const Edited*> models;
    for (const stored_arm<Edited>& one : arms) models.push_back(one.model);
    const auto healthy = token_divergences(model, std::span<const Edited* const>(models), texts.healthy, how, progress);
    const plan* const none = nullptr;
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const arm as_stored{arms[i].name, nullptr};
        const Edited& edited = *arms[i].model;
        auto answers = answer_suite(edited, suite, std::span(&as_stored, 1), options, greedy{}, progress);
        measurement& measured =
            detail::add_answers(compared, arms[i].name, edited, suite, std::move(answers.front().answers));
        measured.healthy = healthy[i];
        measured.copying = score_predictions(edited, none, texts.copying, how);
        measured.repetition = score_predictions(edited, none, texts.repetition, how);
        measured.short_recall =
            short_list_recall(edited, texts.short_lists, std::span(&as_stored, 1), options, progress).front();
    }
}

/// Adds a sampler in place of an edit: answers only. What a processor of logits does to the distribution:
/// `processor_divergence`.
template <class Model, class Sampler, class Progress = no_progress>
measurement& add_sampler(comparison& compared, std::string name, const Model& model, const Sampler& sampler,
                         const probe_suite& suite, const answer_options& options = {}, Progress&& progress = {}) {
    const arm as_shipped{std::move(name), nullptr};
    auto answers = answer_suite(model, suite, std::span(&as_shipped, 1), options, sampler, progress);
    return detail::add_answers(compared, as_shipped.name, model, suite, std::move(answers.front().answers));
}

}  // namespace unloop::inline v0

#endif
