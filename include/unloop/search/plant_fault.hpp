// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Planting: breaks a copy of a working model by targets drawn by seed, so that a search can be judged by the truth.
#ifndef UNLOOP_SEARCH_PLANT_FAULT_HPP
#define UNLOOP_SEARCH_PLANT_FAULT_HPP

#include <unloop/attribute/value_memory.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/search/decoys.hpp>
#include <unloop/search/fault_drawer.hpp>
#include <unloop/search/loop_records.hpp>
#include <unloop/search/planting.hpp>

#include <algorithm>    // find_if, min
#include <cstddef>      // size_t
#include <cstdint>      // int64_t
#include <optional>     // what is not remembered
#include <span>         // plans
#include <string>       // messages
#include <type_traits>  // remove_reference
#include <utility>      // move
#include <variant>      // holds_alternative
#include <vector>       // draws

namespace unloop::inline v0 {

namespace detail {

/// Asks one model the same questions again and again.
template <class Model>
struct planting_trial {
    const Model& model;
    std::vector<std::vector<token_id>> prompts;
    generation_options how;

    /// Loops under each plan, all in one batch.
    [[nodiscard]] std::vector<std::size_t> loops_under(std::span<const plan> plans) const {
        std::vector<const plan*> arms;
        for (const plan& one : plans) arms.push_back(&one);
        const std::vector<record> answers = answers_until_loop(model, prompts, arms, how);
        std::vector<std::size_t> loops;
        for (std::size_t i = 0; i < plans.size(); ++i)
            loops.push_back(count_loops(std::span(answers).subspan(i * prompts.size(), prompts.size())));
        return loops;
    }
    [[nodiscard]] bool is_broken(std::size_t loops) const { return 2 * loops >= prompts.size(); }
};

/// Loops under each plan, of those that are not remembered all in one batch.
template <class Model, class Memory>
[[nodiscard]] std::vector<std::size_t> remembered_loops(const planting_trial<Model>& trial, std::span<const plan> plans,
                                                        Memory& memory) {
    std::vector<std::optional<std::vector<double>>> known;
    std::vector<plan> asked;
    for (const plan& one : plans) {
        known.push_back(known_values(memory, "loops under" + key_of(one.edits), 1));
        if (!known.back()) asked.push_back(one);
    }
    const std::vector<std::size_t> found = asked.empty() ? std::vector<std::size_t>() : trial.loops_under(asked);
    for (std::size_t i = 0; i < asked.size(); ++i)
        memory.keep("loops under" + key_of(asked[i].edits), std::vector<double>{static_cast<double>(found[i])});
    std::vector<std::size_t> loops;
    std::size_t next = 0;
    for (const auto& one : known) loops.push_back(one ? static_cast<std::size_t>(one->front()) : found[next++]);
    return loops;
}

/// What decoys do to the model that has no other fault; see `find_decoys`.
template <class Model>
class decoy_judge {
  public:
    decoy_judge(const planting_trial<Model>& trial, std::span<const record> healthy) : trial_(trial) {
        for (const record& answer : healthy)
            if (!answer.tokens.empty()) texts_.push_back(force(answer));
        constexpr std::size_t few = 4;
        for (std::size_t i = 0; i < few && i < texts_.size(); ++i)
            some_texts_.push_back(texts_[i * texts_.size() / std::min(few, texts_.size())]);
    }
    [[nodiscard]] std::vector<std::size_t> loops(std::span<const plan> plans) const {
        return trial_.loops_under(plans);
    }
    [[nodiscard]] std::vector<double> divergences(std::span<const plan> plans) const { return on(some_texts_, plans); }
    [[nodiscard]] double divergence(const plan& one) const { return on(texts_, std::span(&one, 1)).front(); }

  private:
    [[nodiscard]] std::vector<double> on(std::span<const forced_text> texts, std::span<const plan> plans) const {
        std::vector<const plan*> arms;
        for (const plan& one : plans) arms.push_back(&one);
        std::vector<double> means;
        for (const unloop::divergence& one : token_divergences(trial_.model, std::span<const plan* const>(arms), texts,
                                                               {.threads = trial_.how.threads}))
            means.push_back(one.mean);
        return means;
    }

    const planting_trial<Model>& trial_;
    std::vector<forced_text> texts_, some_texts_;
};

/// Takes the first fault of the draw that breaks the model, if any does.
template <class Model>
bool take_if_broken(const planting_trial<Model>& trial, const drawn_fault& drawn, std::span<const std::size_t> loops,
                    const planting_options& options, planting& planted) {
    planted.draws.push_back({drawn.targets, drawn.inverted, {loops.begin(), loops.end()}});
    const auto breaks = std::find_if(loops.begin(), loops.end(), [&](auto count) { return trial.is_broken(count); });
    if (breaks == loops.end()) return false;
    planted.targets = drawn.targets, planted.donors = drawn.donors, planted.inverted = drawn.inverted;
    planted.exponent =
        options.fault == fault_kind::amplified ? options.least_exponent + static_cast<int>(breaks - loops.begin()) : 0;
    planted.loops_broken = *breaks;
    return true;
}

/// Draws until a fault breaks the model; fills everything of `planted` but its decoys. Faults that rarely break a model
/// are tried many at once, so that what their rows have in common is computed once; those behind the first that does
/// are not counted.
template <class Model, class Progress, class Memory>
void draw_fault(const planting_trial<Model>& trial, const std::vector<target_id>& screened,
                const planting_options& options, planting& planted, Progress& progress, Memory& memory) {
    const std::size_t at_once = options.fault == fault_kind::amplified ? 1 : options.draws_at_once;
    fault_drawer drawer(screened, trial.model.config(), options);
    while (planted.draws.size() < options.most_draws) {
        const auto group = drawer.next(std::min(at_once, options.most_draws - planted.draws.size()));
        if (group.empty()) break;
        if (!progress(progress_event{"plant", static_cast<std::int64_t>(planted.draws.size()),
                                     static_cast<std::int64_t>(options.most_draws)}))
            throw error("planting was cancelled");
        std::vector<plan> faults;
        for (const drawn_fault& drawn : group)
            for (plan& fault : drawn.faults(options)) faults.push_back(std::move(fault));
        const std::vector<std::size_t> loops = remembered_loops(trial, faults, memory);
        const std::size_t each = faults.size() / group.size();
        for (std::size_t i = 0; i < group.size(); ++i)
            if (take_if_broken(trial, group[i], std::span(loops).subspan(i * each, each), options, planted)) return;
    }
    throw error("nothing of " + std::to_string(planted.draws.size()) + " draws of " + std::to_string(options.culprits) +
                " " + std::string(name_of(options.kind)) + " with seed " + std::to_string(options.seed) +
                " makes half of the answers loop; try another seed");
}

}  // namespace detail

/// Draws targets without replacement, as many at a time as there are culprits, until a fault in them makes at least
/// half of the answers to `suite` loop; of amplified ones the smallest such factor is taken, and when no target of the
/// screen breaks the model, all are drawn once more and inverted as well. Then decoys are looked for, where asked for
/// (see `find_decoys`). Throws `error` when `most_draws` did not break the model, or progress was cancelled. The seed
/// decides everything. A `value_memory` keeps how many answers loop under each fault that was drawn, so that other
/// seeds need not ask again: one for each model, suite and `max_tokens`.
template <class Model, class Progress = no_progress, class Memory = no_value_memory>
[[nodiscard]] planting plant_fault(const Model& model, const probe_suite& suite, const planting_options& options,
                                   Progress&& progress = {}, Memory&& memory = {}) {
    require_progress_sink<Progress>();
    require_value_memory<std::remove_reference_t<Memory>>();
    expects(options.culprits > 0 && options.draws_at_once > 0,
            "plant_fault: at least one culprit, and one draw at once");
    if (options.fault == fault_kind::replaced &&
        (!std::holds_alternative<target_kind<neuron_id>>(options.kind) || options.decoys > 0))
        throw error("only columns of neurons of the dense MLP are replaced, and without decoys");
    const detail::planting_trial<Model> trial{
        model,
        encode_suite(model, suite),
        {.max_tokens = options.max_tokens, .batch = options.batch, .threads = options.threads}};
    const plan* const unbroken = nullptr;
    const std::vector<record> healthy = answers_until_loop(model, trial.prompts, std::span(&unbroken, 1), trial.how);
    const target_scores strengths = strength_on_texts(model, token_texts(healthy), options.threads);
    planting planted;
    planted.kind = options.fault;
    planted.answers = trial.prompts.size();
    planted.loops_unbroken = count_loops(healthy);
    detail::draw_fault(trial, detail::strongest(strengths, options), options, planted, progress, memory);
    planted.loops_decoys = planted.loops_unbroken;
    if (options.decoys > 0)
        planted.decoys =
            detail::find_decoys(planted, strengths, options.decoys, detail::decoy_judge(trial, healthy), progress);
    return planted;
}

}  // namespace unloop::inline v0

#endif
