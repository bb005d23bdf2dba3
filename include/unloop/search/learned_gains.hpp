// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Learned gains: factors fitted by gradient, on few and fewer targets, as plans for a search.
#ifndef UNLOOP_SEARCH_LEARNED_GAINS_HPP
#define UNLOOP_SEARCH_LEARNED_GAINS_HPP

#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/attribute/value_memory.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/core/target_kinds.hpp>
#include <unloop/search/gain_example.hpp>
#include <unloop/search/gain_fit.hpp>
#include <unloop/search/loop_records.hpp>
#include <unloop/search/search_strategy.hpp>
#include <unloop/search/time_limit.hpp>

#include <algorithm>    // find, max, min
#include <cmath>        // copysign, exp2, log2, round
#include <cstddef>      // size_t
#include <limits>       // no limit
#include <span>         // prompts, texts
#include <string>       // notes
#include <string_view>  // name
#include <type_traits>  // remove_reference
#include <utility>      // move
#include <vector>       // steps

namespace unloop::inline v0 {

/// The nearest factor, by ratio, that every format of files keeps exactly while no scale leaves its range: a power of
/// two with either sign. 0 where the factor is below a sixteenth.
[[nodiscard]] inline double nearest_exact_factor(double factor) noexcept {
    if (std::abs(factor) < 1.0 / 16) return 0;
    return std::copysign(std::exp2(std::round(std::log2(std::abs(factor)))), factor);
}

struct gain_options {
    target_kinds kinds = target_kinds::all();  ///< which kinds may have a factor
    std::size_t most_targets = 512;            ///< of the first step of the schedule; then half as many, down to 1
    std::size_t rounds = 2;                    ///< in each, transcripts of the model as edited so far join the examples
    std::size_t refit_epochs = 3;              ///< of every step of the schedule
    double most_seconds = std::numeric_limits<double>::infinity();  ///< nothing more is fitted after them
    gain_fit_options fit;
    gain_example_options examples;
    generation_options generation{.max_tokens = 160};
};

/// One step of the shrinking schedule.
struct gain_step {
    std::size_t targets = 0;   ///< that were kept; some may have come back to 1 since
    plan fitted;               ///< the factors as fitted
    plan exact;                ///< the same rounded to factors that files keep exactly
    gain_loss held_out;        ///< of the fitted factors on examples that no fit has seen
    gain_loss held_out_exact;  ///< of the rounded ones
};

struct gain_schedule {
    gain_loss unedited;            ///< on the examples held out
    std::size_t looping = 0;       ///< examples with decisions that were fitted to
    std::vector<gain_step> steps;  ///< most targets first; the last ones are missing when the time was over
};

/// What gains are learned from. Prompts and texts held out are of no example that is fitted to.
struct gain_data {
    std::vector<std::vector<token_id>> prompts;   ///< that make the model loop
    std::vector<std::vector<token_id>> held_out;  ///< others of that kind
    std::vector<forced_text> texts;               ///< healthy
    std::vector<forced_text> held_out_texts;
};

namespace detail {

template <class Model, class Executor>
std::vector<gain_example> looping_examples(const Model& model, std::span<const std::vector<token_id>> prompts,
                                           const plan* edit, const gain_options& options, Executor& executor) {
    std::vector<gain_example> made;
    for (const record& row : answers_until_loop(model, prompts, std::span(&edit, 1), options.generation))
        if (auto example = looping_example(model, row, executor, options.examples)) made.push_back(std::move(*example));
    return made;
}

template <class Model, class Executor>
std::vector<gain_example> healthy_examples(const Model& model, std::span<const forced_text> texts,
                                           const gain_options& options, Executor& executor) {
    std::vector<gain_example> made;
    for (const forced_text& text : texts) made.push_back(healthy_example(model, text, executor, options.examples));
    return made;
}

inline void append(std::vector<gain_example>& to, const std::vector<gain_example>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// Room for the longest example that `data` can give.
[[nodiscard]] inline state_size largest_example(const gain_data& data, const gain_options& options) {
    std::size_t longest = options.generation.max_tokens;
    for (const auto* const prompts : {&data.prompts, &data.held_out})
        for (const auto& prompt : *prompts) longest = std::max(longest, prompt.size() + options.generation.max_tokens);
    for (const auto* const texts : {&data.texts, &data.held_out_texts})
        for (const forced_text& text : *texts) longest = std::max(longest, text.tokens.size());
    const std::size_t targets = 2 * options.examples.positions + longest / 2;  // beside decisions, and decisions
    return {1, longest, longest, std::min(targets, longest)};
}

/// Fits, or takes what the memory knows of an earlier fit. One that the end of the time cuts short is not kept there.
template <class Model, class Executor, class Memory>
void fit_once(gain_fit<Model>& fit, std::span<const gain_example> examples, const gain_fit_options& options,
              Executor& executor, const time_limit& limit, const std::string& key, Memory& memory) {
    if (const auto known = memory.find(key)) return fit.set_state(*known);
    fit.fit(examples, options, executor, limit);
    if (!limit.is_over()) memory.keep(key, fit.state());
}

/// Keeps fewer and fewer targets, and refits them. A step whose fit the end of the time cuts short is left out.
template <class Model, class Executor, class Memory>
std::vector<gain_step> shrink(gain_fit<Model>& fit, std::span<const gain_example> examples,
                              std::span<const gain_example> held_out, const gain_options& options, Executor& executor,
                              const time_limit& limit, Memory& memory) {
    gain_fit_options refit = options.fit;
    refit.epochs = options.refit_epochs;
    std::vector<gain_step> steps;
    for (std::size_t kept = options.most_targets; kept > 0; kept /= 2) {
        fit.keep(kept);
        fit_once(fit, examples, refit, executor, limit, "gains of " + std::to_string(kept) + " targets", memory);
        if (limit.is_over()) break;
        gain_step step{kept, fit.as_plan(), {}, fit.loss(held_out, executor), {}};
        const target_scores fitted = fit.factors();
        fit.round(nearest_exact_factor);
        step.exact = fit.as_plan();
        step.held_out_exact = fit.loss(held_out, executor);
        fit.restore(fitted);
        step.fitted.note = "gains of " + std::to_string(step.fitted.size()) + " targets";
        step.exact.note = "exact gains of " + std::to_string(step.exact.size()) + " targets";
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace detail

/// What fitting takes at most; answers and divergences come on top.
struct gain_cost {
    std::size_t gradients = 0;  ///< one example each
    std::size_t tokens = 0;     ///< of the longest example
    backward_cost gradient;     ///< over that example
};

/// Of `learn_gains` with these arguments, told beforehand: every prompt may give an example a round.
[[nodiscard]] inline gain_cost cost_of_gains(const decoder_config& config, const gain_data& data,
                                             const gain_options& options) {
    const state_size size = detail::largest_example(data, options);
    gain_cost cost{0, size.positions, gradient_cost(config, size)};
    std::size_t examples = data.prompts.size() + data.texts.size();
    for (std::size_t round = 0; round < options.rounds; ++round) {
        if (round > 0) examples += data.prompts.size();
        cost.gradients += options.fit.epochs * examples;
    }
    for (std::size_t kept = options.most_targets; kept > 0; kept /= 2)
        cost.gradients += options.refit_epochs * examples;
    return cost;
}

/// One factor a target, all 1 at first, fitted so that at the decisions of looping answers the model says what it would
/// say if it could not repeat (its own distribution without what leads to a listed item), and stays what it is at all
/// other positions and on healthy texts; with a penalty on the distance from 1. Then the factors that do most are kept,
/// refitted, and halved in number, down to one. Judge the plans by free generation (`search`): that a model predicts
/// well on a text that is given says little about the texts that it writes. Throws `error` when no answer has a
/// decision. `memory` gives back the fits of an earlier, stopped call with equal arguments; answers and losses are
/// computed anew. Cost: (rounds * epochs + steps * refit epochs) backward passes an example.
template <class Model, class Executor, class Progress = no_progress, class Memory = no_value_memory>
[[nodiscard]] gain_schedule learn_gains(const Model& model, const gain_data& data, const gain_options& options,
                                        Executor& executor, Progress&& progress = {}, Memory&& memory = {}) {
    require_batch_invariance<typename Model::decoder_type::backend_type>();
    require_value_memory<std::remove_reference_t<Memory>>();
    const time_limit limit(options.most_seconds);
    const std::vector<gain_example> healthy = detail::healthy_examples(model, data.texts, options, executor);
    std::vector<gain_example> held_out = detail::looping_examples(model, data.held_out, nullptr, options, executor);
    detail::append(held_out, detail::healthy_examples(model, data.held_out_texts, options, executor));
    std::vector<gain_example> examples = detail::looping_examples(model, data.prompts, nullptr, options, executor);
    if (examples.empty()) throw error("no answer repeats a listed item: there is nothing to learn gains from");
    detail::append(examples, healthy);
    const state_size size = detail::largest_example(data, options);
    gain_fit fit(model, size.positions, size.logit_rows);
    for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
        if (options.kinds.contains(kind)) fit.template free_all<Id>();
    });

    gain_schedule schedule;
    schedule.unedited = fit.loss(held_out, executor);
    for (std::size_t round = 0; round < options.rounds && !limit.is_over(); ++round) {
        const progress_event event{"learn gains", static_cast<std::int64_t>(round),
                                   static_cast<std::int64_t>(options.rounds)};
        if (!progress(event)) throw error("cancelled");
        if (round > 0) {
            const plan so_far = fit.as_plan();
            detail::append(examples, detail::looping_examples(model, data.prompts, &so_far, options, executor));
        }
        detail::fit_once(fit, examples, options.fit, executor, limit, "gains, round " + std::to_string(round), memory);
    }
    schedule.looping = examples.size() - healthy.size();
    schedule.steps = detail::shrink(fit, examples, held_out, options, executor, limit, memory);
    return schedule;
}

/// A search strategy: the plans of a schedule, those of most targets first, each as it is kept exactly by files and, if
/// `fitted` is set, as it was fitted. All in the first round.
struct learned_gains {
    static constexpr std::string_view name = "gains";

    gain_schedule schedule;
    bool fitted = false;

    [[nodiscard]] std::vector<plan> propose(const localization& /*found*/, const search_state& state) const {
        std::vector<plan> plans;
        if (state.round > 0) return plans;
        const auto add = [&](const plan& proposed) {
            if (!proposed.empty() && std::find(plans.begin(), plans.end(), proposed) == plans.end())
                plans.push_back(proposed);
        };
        for (const gain_step& step : schedule.steps) {
            add(step.exact);
            if (fitted) add(step.fitted);
        }
        return plans;
    }
};
static_assert(search_strategy<learned_gains>);

}  // namespace unloop::inline v0

#endif
