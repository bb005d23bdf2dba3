// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Candidate batches: prompts answered under many plans at once, as rows of one batch that share what they can.
#ifndef UNLOOP_EDIT_GENERATE_CANDIDATES_HPP
#define UNLOOP_EDIT_GENERATE_CANDIDATES_HPP

#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // plans
#include <utility>  // move
#include <vector>   // rows

namespace unloop::inline v0 {

namespace detail {

/// Gives the same draws to the same prompt under every plan, so that answers differ by the plans alone.
template <class Sampler>
struct sampler_of_prompts {
    const Sampler& sampler;
    std::uint64_t first_id;
    std::size_t prompts;

    [[nodiscard]] bool takes_largest() const noexcept { return unloop::takes_largest(sampler); }

    template <class Backend>
    token_id choose(const Backend& backend, std::span<float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        draw.row = first_id + (draw.row - first_id) % prompts;
        return sampler.choose(backend, logits, context, draw);
    }
};

}  // namespace detail

/// Answers to every prompt under every plan (null: the model as it is), [plan * prompts + prompt]. A record's id is
/// `options.first_id` + its prompt's number, and decides its draws: give a prompt several times to have it answered
/// with several. Bits are those of each prompt and plan alone. Weights are read once a step for all rows; rows with the
/// same tokens so far share residuals, keys and values up to the lowest layer that one of their plans edits, its
/// attention included where only what lies behind it is edited; rows under one plan share all. Where the largest
/// logit is taken, rows share logits, and a row that has said what another said confirms up to `draft::longest` of its
/// tokens in a pass. A row that ends leaves, and the next takes its place. Throws `error` for a plan that names what
/// the model lacks.
template <class Model, class Sampler = greedy, class Rule = never_stop, class Progress = no_progress>
[[nodiscard]] generated generate_candidates(const Model& model, std::span<const std::vector<token_id>> prompts,
                                            std::span<const plan* const> plans, const generation_options& options,
                                            const Sampler& sampler = {}, const Rule& rule = {},
                                            Progress&& progress = {}) {
    require_token_sampler<Sampler, typename Model::decoder_type::backend_type>();
    require_batch_invariance<typename Model::decoder_type::backend_type>();
    std::vector<std::vector<token_id>> cells;
    std::vector<const plan*> plan_of_cell;
    for (const plan* const one : plans) {
        if (one) check_plan(*one, model.config());
        cells.insert(cells.end(), prompts.begin(), prompts.end());
        plan_of_cell.insert(plan_of_cell.end(), prompts.size(), one);
    }
    row_plans tap(std::move(plan_of_cell));
    const detail::sampler_of_prompts<Sampler> paired{sampler, options.first_id, prompts.size()};
    generated all =
        generate_counted(model, std::span<const std::vector<token_id>>(cells), options, paired, rule, tap, progress);
    for (std::size_t i = 0; i < all.records.size(); ++i) all.records[i].id = options.first_id + i % prompts.size();
    return all;
}

}  // namespace unloop::inline v0

#endif
