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
#include <optional>   // no more to draw
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

/// Targets that are tried together, and how.
struct drawn_fault {
    std::vector<target_id> targets;
    std::vector<std::int32_t> donors;  ///< of replaced neurons
    bool inverted = false;

    /// What is tried on them, mildest first.
    [[nodiscard]] std::vector<plan> faults(const planting_options& options) const {
        if (options.fault == fault_kind::replaced) return {copies(targets, donors)};
        if (options.fault == fault_kind::flipped) return {plant(targets, 0, true).fault};
        std::vector<plan> faults;
        for (int exponent = options.least_exponent; exponent <= options.most_exponent; ++exponent)
            faults.push_back(plant(targets, exponent, inverted).fault);
        return faults;
    }
};

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

/// Draws without replacement; of faults that may be inverted all targets once more, inverted, when none are left.
class fault_drawer {
  public:
    fault_drawer(const std::vector<target_id>& screened, const decoder_config& config, const planting_options& options)
        : screened_(screened),
          waiting_(screened),
          config_(config),
          options_(options),
          random_(options.seed),
          inverted_(options.fault == fault_kind::flipped) {}

    [[nodiscard]] std::optional<drawn_fault> next() {
        if (waiting_.size() < options_.culprits) {
            if (options_.fault != fault_kind::amplified || inverted_) return std::nullopt;
            inverted_ = true, waiting_ = screened_;
        }
        drawn_fault drawn{draw_targets(waiting_, options_.culprits, random_), {}, inverted_};
        if (options_.fault == fault_kind::replaced) drawn.donors = draw_donors(drawn.targets, config_, random_);
        return drawn;
    }
    /// So many, or those that are left.
    [[nodiscard]] std::vector<drawn_fault> next(std::size_t count) {
        std::vector<drawn_fault> group;
        while (group.size() < count) {
            std::optional<drawn_fault> drawn = next();
            if (!drawn) break;
            group.push_back(*std::move(drawn));
        }
        return group;
    }

  private:
    const std::vector<target_id>& screened_;
    std::vector<target_id> waiting_;
    const decoder_config& config_;
    const planting_options& options_;
    random_sequence random_;
    bool inverted_;
};

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
template <class Model, class Progress>
void draw_fault(const planting_trial<Model>& trial, const std::vector<target_id>& screened,
                const planting_options& options, planting& planted, Progress& progress) {
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
        const std::vector<std::size_t> loops = trial.loops_under(faults);
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
/// decides everything.
template <class Model, class Progress = no_progress>
[[nodiscard]] planting plant_fault(const Model& model, const probe_suite& suite, const planting_options& options,
                                   Progress&& progress = {}) {
    require_progress_sink<Progress>();
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
