// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Planting: breaks a copy of a working model by targets drawn by seed, so that a search can be judged by the truth.
#ifndef UNLOOP_SEARCH_PLANT_FAULT_HPP
#define UNLOOP_SEARCH_PLANT_FAULT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plant.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/search/decoys.hpp>
#include <unloop/search/loop_records.hpp>
#include <unloop/search/planting.hpp>

#include <algorithm>  // find_if, max
#include <cstddef>    // size_t
#include <string>     // messages
#include <utility>    // move
#include <variant>    // visit
#include <vector>     // draws

namespace unloop::inline v0 {

namespace detail {

/// The strongest targets of the kind in all layers; the screen looks at no loop and no label.
inline std::vector<target_id> strongest(const target_scores& strengths, const planting_options& options) {
    return std::visit(
        [&]<class Id>(target_kind<Id> kind) {
            const std::size_t all = strengths.count<Id>();
            if (all == 0) throw error("the model has no " + std::string(kind.name) + "s to plant a fault in");
            const auto share = static_cast<std::size_t>(options.screened_share * static_cast<double>(all));
            const std::vector<Id> best = strengths.best<Id>(std::max(options.least_screened, share));
            return std::vector<target_id>(best.begin(), best.end());
        },
        options.kind);
}

/// The faults that are tried on the drawn targets of `planted`, mildest first.
inline std::vector<plan> faults_of(const planting& planted, bool inverted, const planting_options& options) {
    if (options.fault == fault_kind::replaced) return {planted.fault().fault};
    if (options.fault == fault_kind::flipped) return {plant(planted.targets, 0, true).fault};
    std::vector<plan> faults;
    for (int exponent = options.least_exponent; exponent <= options.most_exponent; ++exponent)
        faults.push_back(plant(planted.targets, exponent, inverted).fault);
    return faults;
}

/// A neuron for each of `targets` whose column can take the place of theirs in every format: one that lies in the same
/// aligned group of 32, which is no target itself.
inline std::vector<std::int32_t> draw_donors(std::span<const target_id> targets, const decoder_config& config,
                                             random_sequence& random) {
    constexpr std::int32_t group = 32;
    std::vector<std::int32_t> donors;
    for (const target_id& target : targets) {
        const auto& id = std::get<neuron_id>(target);
        const auto width = static_cast<std::int32_t>(config.layers[static_cast<std::size_t>(id.layer)].mlp_width);
        std::vector<std::int32_t> free;
        for (std::int32_t j = id.neuron / group * group; j < std::min(width, (id.neuron / group + 1) * group); ++j)
            if (std::find(targets.begin(), targets.end(), target_id(neuron_id{id.layer, j})) == targets.end())
                free.push_back(j);
        if (free.empty()) throw error(to_string(target) + ": there is no neuron beside it to take its column from");
        donors.push_back(free[random.below(free.size())]);
    }
    return donors;
}

/// Takes targets out of those that wait, at random; all that are left where there are fewer.
inline std::vector<target_id> draw_targets(std::vector<target_id>& waiting, std::size_t count,
                                           random_sequence& random) {
    std::vector<target_id> drawn;
    while (drawn.size() < count && !waiting.empty()) {
        const std::size_t place = random.below(waiting.size());
        drawn.push_back(waiting[place]);
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return drawn;
}

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

/// Draws until a fault breaks the model; fills everything of `planted` but its decoys.
template <class Model, class Progress>
void draw_fault(const planting_trial<Model>& trial, const std::vector<target_id>& screened,
                const planting_options& options, planting& planted, Progress& progress) {
    std::vector<target_id> waiting = screened;
    const bool tries_inverted = options.fault == fault_kind::amplified;
    bool inverted = !tries_inverted;
    random_sequence random(options.seed);
    while (planted.draws.size() < options.most_draws) {
        if (waiting.size() < options.culprits) {
            if (inverted) break;
            inverted = true, waiting = screened;
        }
        if (!progress(progress_event{"plant", static_cast<std::int64_t>(planted.draws.size()),
                                     static_cast<std::int64_t>(options.most_draws)}))
            throw error("planting was cancelled");
        planted.targets = draw_targets(waiting, options.culprits, random);
        if (options.fault == fault_kind::replaced)
            planted.donors = draw_donors(planted.targets, trial.model.config(), random);
        const bool is_inverted = inverted && options.fault != fault_kind::replaced;
        planted.draws.push_back(
            {planted.targets, is_inverted, trial.loops_under(faults_of(planted, is_inverted, options))});
        const std::vector<std::size_t>& loops = planted.draws.back().loops;
        const auto breaks =
            std::find_if(loops.begin(), loops.end(), [&](auto count) { return trial.is_broken(count); });
        if (breaks == loops.end()) continue;
        planted.inverted = is_inverted;
        planted.exponent = options.fault == fault_kind::amplified
                               ? options.least_exponent + static_cast<int>(breaks - loops.begin())
                               : 0;
        planted.loops_broken = *breaks;
        return;
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
/// decides everything.
template <class Model, class Progress = no_progress>
[[nodiscard]] planting plant_fault(const Model& model, const probe_suite& suite, const planting_options& options,
                                   Progress&& progress = {}) {
    require_progress_sink<Progress>();
    expects(options.culprits > 0, "plant_fault: at least one culprit");
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
    detail::draw_fault(trial, detail::strongest(strengths, options), options, planted, progress);
    planted.loops_decoys = planted.loops_unbroken;
    if (options.decoys > 0) {
        const auto loops_under = [&](std::span<const plan> plans) { return trial.loops_under(plans); };
        planted.decoys = detail::find_decoys(planted, strengths, options.decoys, loops_under, progress);
    }
    return planted;
}

}  // namespace unloop::inline v0

#endif
