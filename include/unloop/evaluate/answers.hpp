// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Asks a model every probe of a suite, under several plans side by side.
#ifndef UNLOOP_EVALUATE_ANSWERS_HPP
#define UNLOOP_EVALUATE_ANSWERS_HPP

#include <unloop/edit/generate_candidates.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/generate/generate.hpp>

#include <cstddef>   // ptrdiff_t, size_t
#include <iterator>  // make_move_iterator
#include <span>      // arms
#include <string>    // names
#include <vector>    // answers

namespace unloop::inline v0 {

/// What is compared: a name, and the plan under which the model answers; null for the model as it is.
struct arm {
    std::string name;
    const plan* edit = nullptr;
};

/// The same for all arms, so that none is cut short: an answer runs until it ends or `max_tokens` are used up, whether
/// it loops or not.
struct answer_options {
    std::size_t max_tokens = 256;
    std::size_t seeds = 1;    ///< answers a probe; of a greedy sampler they are all equal
    std::size_t batch = 64;   ///< most answers side by side, over all arms: plans share more, the more there are
    std::size_t threads = 1;  ///< the calling one included
    bool is_chat = true;      ///< false: prompts are texts to be continued, for models without a chat template
};

struct arm_answers {
    std::string name;
    std::vector<record> answers;  ///< [seed * probes + probe]; a record's id is that number, the same in every arm
};

/// Answers of all arms to all probes, in one run: see `generate_candidates`. `sampler` serves every arm; compare with
/// another sampler (a repetition penalty) by a second call. Throws `error` for a plan that names what the model lacks,
/// or when chat is asked of a model without a chat template. When the progress sink says stop, answers that were not
/// finished come back as cancelled.
template <class Model, class Sampler = greedy, class Progress = no_progress>
[[nodiscard]] std::vector<arm_answers> answer_suite(const Model& model, const probe_suite& suite,
                                                    std::span<const arm> arms, const answer_options& options = {},
                                                    const Sampler& sampler = {}, Progress&& progress = {}) {
    std::vector<std::vector<token_id>> questions, prompts;
    for (const probe& asked : suite.probes)
        questions.push_back(encode_prompt(
            model, options.is_chat ? any_prompt(chat{asked.prompt}) : any_prompt(text_prompt{asked.prompt})));
    for (std::size_t seed = 0; seed < options.seeds; ++seed)
        prompts.insert(prompts.end(), questions.begin(), questions.end());
    std::vector<const plan*> plans;
    std::vector<arm_answers> answers;
    for (const arm& one : arms) plans.push_back(one.edit), answers.push_back({one.name, {}});
    const generation_options how{.max_tokens = options.max_tokens, .batch = options.batch, .threads = options.threads};
    generated all = generate_candidates(model, std::span<const std::vector<token_id>>(prompts), plans, how, sampler,
                                        never_stop{}, progress);
    auto next = all.records.begin();
    for (arm_answers& one : answers) {
        const auto end = next + static_cast<std::ptrdiff_t>(prompts.size());
        one.answers.assign(std::make_move_iterator(next), std::make_move_iterator(end));
        next = end;
    }
    return answers;
}

}  // namespace unloop::inline v0

#endif
