// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Asks a model every probe of a suite, under several plans side by side.
#ifndef UNLOOP_EVALUATE_ANSWERS_HPP
#define UNLOOP_EVALUATE_ANSWERS_HPP

#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/generate/generate.hpp>

#include <cstddef>  // size_t
#include <span>     // arms
#include <string>   // names
#include <utility>  // move
#include <vector>   // answers

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
    std::size_t batch = 32;   ///< most answers side by side, over all arms
    std::size_t threads = 1;  ///< the calling one included
    bool is_chat = true;      ///< false: prompts are texts to be continued, for models without a chat template
};

struct arm_answers {
    std::string name;
    std::vector<record> answers;  ///< [seed * probes + probe]; a record's id is that number, the same in every arm
};

namespace detail {

/// Gives the same draws to the same probe and seed in every arm, so that arms differ by their plans alone.
template <class Sampler>
struct sampler_of_cells {
    const Sampler& sampler;
    std::size_t cells;

    template <class Backend>
    token_id choose(const Backend& backend, std::span<float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        return sampler.choose(backend, logits, context, draw_id{draw.row % cells, draw.step});
    }
};

}  // namespace detail

/// Answers of all arms to all probes, in one run: the weights are read once a step for all rows, and rows that end make
/// room for the next. `sampler` serves every arm; compare with another sampler (a repetition penalty) by a second call.
/// Throws `error` for a plan that names what the model lacks, or when chat is asked of a model without a chat template.
/// When the progress sink says stop, answers that were not finished come back as cancelled.
template <class Model, class Sampler = greedy, class Progress = no_progress>
[[nodiscard]] std::vector<arm_answers> answer_suite(const Model& model, const probe_suite& suite,
                                                    std::span<const arm> arms, const answer_options& options = {},
                                                    const Sampler& sampler = {}, Progress&& progress = {}) {
    require_token_sampler<Sampler, typename Model::decoder_type::backend_type>();
    require_batch_invariance<typename Model::decoder_type::backend_type>();
    std::vector<std::vector<token_id>> questions, prompts;
    for (const probe& asked : suite.probes)
        questions.push_back(encode_prompt(
            model, options.is_chat ? any_prompt(chat{asked.prompt}) : any_prompt(text_prompt{asked.prompt})));
    const std::size_t cells = questions.size() * options.seeds;
    std::vector<const plan*> plans;
    for (const arm& one : arms) {
        if (one.edit) check_plan(*one.edit, model.config());
        plans.insert(plans.end(), cells, one.edit);
        for (std::size_t seed = 0; seed < options.seeds; ++seed)
            prompts.insert(prompts.end(), questions.begin(), questions.end());
    }
    std::vector<arm_answers> answers;
    for (const arm& one : arms) answers.push_back({one.name, {}});
    if (prompts.empty()) return answers;
    row_plans tap(std::move(plans));
    const generation_options how{.max_tokens = options.max_tokens, .batch = options.batch, .threads = options.threads};
    std::vector<record> records = generate_all(model, prompts, how, detail::sampler_of_cells<Sampler>{sampler, cells},
                                               never_stop{}, tap, progress);
    for (record& answer : records) {
        std::vector<record>& of_arm = answers[answer.id / cells].answers;
        answer.id %= cells;
        of_arm.push_back(std::move(answer));
    }
    return answers;
}

}  // namespace unloop::inline v0

#endif
