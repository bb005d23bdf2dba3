// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Localisation: from looping answers to the targets behind them, in three steps of rising cost, beside two baselines.
#ifndef UNLOOP_SEARCH_LOCALIZE_HPP
#define UNLOOP_SEARCH_LOCALIZE_HPP

#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/layer_ablation.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/core/target_kinds.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/head_patterns.hpp>
#include <unloop/search/looping_runs.hpp>

#include <algorithm>  // sort
#include <array>      // the grid
#include <cmath>      // abs
#include <cstddef>    // size_t
#include <string>     // names
#include <variant>    // kinds
#include <vector>     // rankings

namespace unloop::inline v0 {

/// Factors that are tried on a target, suppression first; each is exact in every format whose scales stay in range.
inline constexpr std::array<float, 7> factor_grid{0.0F, -1.0F, 0.0625F, 0.125F, 0.25F, 0.5F, 2.0F};

/// Factors of the grid that every candidate is tried under. Suppression alone would miss neurons that only inversion
/// moves; what lies between the two, and doubling, mostly moves a target less.
inline constexpr std::size_t first_factors = 2;

struct localize_options {
    std::size_t max_tokens = 96;  ///< of an answer
    std::size_t batch = 64;
    std::size_t threads = 1;
    std::size_t most_runs = 8;        ///< looping answers that are explained
    std::size_t candidates = 16;      ///< best of each method and kind that are tried exactly: suppressed, and inverted
    std::size_t free_candidates = 8;  ///< best of those of each kind: tried under the whole grid, then freely
    std::size_t experts = 32;         ///< in place of both for experts: they are few, and each is much of its layer
    std::size_t heads = 8;            ///< the same for attention heads
    target_kinds kinds = target_kinds::all();  ///< that may be edited: others are scored, and no more
    std::size_t layer_runs = 0;                ///< runs whose layers are ablated one by one: 4 passes a layer and run
};

/// One method's scores; baselines take no part in choosing candidates.
struct method_scores {
    std::string name;
    bool is_baseline = false;
    target_scores scores;
};

/// A target after re-scoring: the factor with the largest exact change, of the first two of the grid, or of the whole
/// grid where the target is one of its kind's best.
struct exact_candidate {
    target_factor edit;
    double loop_change = 0;     ///< of the loop token's margin
    double end_change = 0;      ///< of the end token's
    double newline_change = 0;  ///< of the newline's
    bool whole_grid = false;    ///< one of its kind's best
};

/// A candidate in free generation on the prompts that loop unedited: its own factor or 0, whichever does better.
struct free_candidate {
    target_factor edit;
    std::size_t loops = 0;
    std::size_t ended = 0;  ///< answers that ended by themselves
};

/// Changes of the loop margin when a branch of a layer is replaced, averaged over runs.
struct layer_changes {
    layer_change zero, mean;
};

struct localization {
    std::size_t answers = 0;             ///< probes asked
    std::size_t looping = 0;             ///< of which looped
    std::size_t explained = 0;           ///< of which had a decision to explain, at most `most_runs`
    std::vector<method_scores> methods;  ///< attributions, then baselines
    std::vector<layer_changes> layers;   ///< in order; empty unless asked for
    std::vector<exact_candidate> exact;  ///< largest change of the loop margin first
    std::vector<free_candidate> free;    ///< fewest loops first, then most answers that end; neurons before others
    std::size_t free_prompts = 0;
    std::vector<std::vector<head_pattern>> head_patterns;  ///< by layer and head
    target_kinds kinds = target_kinds::all();              ///< that strategies may edit
};

namespace detail {

/// Objectives whose changes an exact candidate tells, in the order of its fields.
template <class Model>
std::array<loop_margin, 3> told_objectives(const Model& model) {
    std::array<loop_margin, 3> objectives;
    objectives[1].token = model.tokenizer().turn_end();
    const auto newline = model.tokenizer().encode("\n", {.add_special = false});
    if (newline.size() == 1) objectives[2].token = newline.front();
    return objectives;
}

/// Changes that the candidates make to `told_objectives`, averaged over runs.
template <class Model>
std::vector<exact_candidate> mean_changes(const Model& model, std::span<const recorded_run> runs,
                                          std::span<const target_factor> tried, thread_pool& pool) {
    const auto objectives = told_objectives(model);
    constexpr std::array fields{&exact_candidate::loop_change, &exact_candidate::end_change,
                                &exact_candidate::newline_change};
    std::vector<exact_candidate> means;
    for (const target_factor& one : tried) means.push_back({one});
    for (const recorded_run& run : runs) {
        const auto changes = exact_ablations(model, run, tried, std::span<const loop_margin>(objectives), pool);
        for (std::size_t i = 0; i < changes.size(); ++i)
            means[i / fields.size()].*fields[i % fields.size()] += changes[i] / static_cast<double>(runs.size());
    }
    return means;
}

template <class Model>
std::vector<layer_changes> ablate_layers(const Model& model, std::span<const recorded_run> runs, thread_pool& pool) {
    std::vector<layer_changes> sums(runs.empty() ? 0 : model.config().layers.size());
    for (const recorded_run& run : runs)
        for (const ablation_kind kind : {ablation_kind::zero, ablation_kind::mean}) {
            const std::vector<layer_change> changes = layer_ablation(model, run, kind, loop_margin{}, pool);
            for (std::size_t l = 0; l < sums.size(); ++l) {
                layer_change& sum = kind == ablation_kind::zero ? sums[l].zero : sums[l].mean;
                sum.layer = changes[l].layer;
                sum.attention += changes[l].attention / static_cast<double>(runs.size());
                sum.feed_forward += changes[l].feed_forward / static_cast<double>(runs.size());
            }
        }
    return sums;
}

/// How many targets of the kind of `target` go on, where it is `neurons` for neurons.
inline std::size_t limit_of(const target_id& target, std::size_t neurons, const localize_options& options) {
    if (!options.kinds.contains(kind_of(target))) return 0;
    if (std::holds_alternative<expert_id>(target)) return options.experts;
    return std::holds_alternative<head_id>(target) ? options.heads : neurons;
}

/// Each target of the union of the methods' best of every kind, once.
inline std::vector<target_id> union_of_best(std::span<const method_scores> methods, const localize_options& options) {
    std::vector<target_id> targets;
    for (const method_scores& method : methods) {
        if (method.is_baseline) continue;
        for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
            const auto best = method.scores.best<Id>(limit_of(Id{}, options.candidates, options));
            targets.insert(targets.end(), best.begin(), best.end());
        });
    }
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    return targets;
}

inline void sort_by_change(std::vector<exact_candidate>& candidates) {
    std::stable_sort(candidates.begin(), candidates.end(), [](const exact_candidate& a, const exact_candidate& b) {
        return std::abs(a.loop_change) > std::abs(b.loop_change);
    });
}

/// Places of the first of each kind.
inline std::vector<std::size_t> first_of_each_kind(std::span<const exact_candidate> ranked,
                                                   const localize_options& options) {
    std::array<std::size_t, std::variant_size_v<target_id>> taken{};
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < ranked.size(); ++i) {
        const target_id& target = ranked[i].edit.target;
        if (taken[target.index()]++ < limit_of(target, options.free_candidates, options)) places.push_back(i);
    }
    return places;
}

/// Tries factors on the candidates at `places`; of all tried so far the one with the largest magnitude of change is
/// kept.
template <class Model>
void try_factors(const Model& model, std::span<const recorded_run> runs, std::span<const std::size_t> places,
                 std::span<const float> factors, std::vector<exact_candidate>& candidates, thread_pool& pool) {
    std::vector<target_factor> tried;
    for (const std::size_t i : places)
        for (const float factor : factors) tried.push_back({candidates[i].edit.target, factor});
    const std::vector<exact_candidate> changes = mean_changes(model, runs, tried, pool);
    for (std::size_t i = 0; i < tried.size(); ++i) {
        exact_candidate& best = candidates[places[i / factors.size()]];
        if (std::abs(changes[i].loop_change) > std::abs(best.loop_change)) best = changes[i];
    }
}

/// Exact changes, largest magnitude first: every target under the `first_factors`, the first of each kind under the
/// whole grid.
template <class Model>
std::vector<exact_candidate> rescore(const Model& model, std::span<const recorded_run> runs,
                                     std::span<const target_id> targets, const localize_options& options,
                                     thread_pool& pool) {
    std::vector<exact_candidate> candidates;
    std::vector<std::size_t> all;
    for (const target_id& target : targets) all.push_back(candidates.size()), candidates.push_back({{target, 0.0F}});
    const std::span<const float> grid(factor_grid);
    try_factors(model, runs, all, grid.first(first_factors), candidates, pool);
    sort_by_change(candidates);
    const std::vector<std::size_t> best = first_of_each_kind(candidates, options);
    try_factors(model, runs, best, grid.subspan(first_factors), candidates, pool);
    for (const std::size_t i : best) candidates[i].whole_grid = true;
    sort_by_change(candidates);
    return candidates;
}

/// Whether `a` leaves fewer loops; or as many, and more answers that end by themselves; or as many, and is a neuron
/// where `b` is a whole expert or head.
inline bool leaves_less(const free_candidate& a, const free_candidate& b) {
    const auto is_large = [](const free_candidate& one) {
        return std::holds_alternative<expert_id>(one.edit.target) || std::holds_alternative<head_id>(one.edit.target);
    };
    if (a.loops != b.loops) return a.loops < b.loops;
    if (a.ended != b.ended) return a.ended > b.ended;
    return !is_large(a) && is_large(b);
}

/// Free generation under each edit and under suppression of its target, the better of the two kept; best first, ties in
/// the order given.
template <class Model, class Progress>
std::vector<free_candidate> try_freely(const Model& model, std::span<const std::vector<token_id>> prompts,
                                       std::span<const target_factor> edits, const generation_options& options,
                                       Progress& progress) {
    std::vector<target_factor> tried;
    for (const target_factor& edit : edits) {
        tried.push_back(edit);
        if (edit.factor != 0) tried.push_back({edit.target, 0.0F});
    }
    std::vector<plan> plans;
    for (const target_factor& edit : tried) plans.push_back(scale(edit.target, edit.factor));
    std::vector<const plan*> arms;
    for (const plan& one : plans) arms.push_back(&one);
    const std::vector<record> records = answers_until_loop(model, prompts, arms, options, progress);
    std::vector<free_candidate> candidates;
    for (std::size_t i = 0; i < tried.size(); ++i) {
        const auto answers = std::span(records).subspan(i * prompts.size(), prompts.size());
        const auto ended = std::count_if(answers.begin(), answers.end(),
                                         [](const record& answer) { return answer.ended_naturally(); });
        const free_candidate one{tried[i], count_loops(answers), static_cast<std::size_t>(ended)};
        if (candidates.empty() || candidates.back().edit.target != one.edit.target)
            candidates.push_back(one);
        else if (leaves_less(one, candidates.back()))
            candidates.back() = one;
    }
    std::stable_sort(candidates.begin(), candidates.end(), leaves_less);
    return candidates;
}

}  // namespace detail

/// Explains the loops in greedy answers to `suite` and tries the best targets of every kind that the model has.
/// Candidates come from the attribution methods by absolute score (a saturated margin turns the sign); they are
/// suppressed and inverted exactly, the best few are tried under all of `factor_grid`, and those in free generation,
/// which alone decides. When nothing loops, only the counts are filled.
template <class Model, class Progress = no_progress>
[[nodiscard]] localization localize(const Model& model, const probe_suite& suite, const localize_options& options = {},
                                    Progress&& progress = {}) {
    const generation_options how{.max_tokens = options.max_tokens, .batch = options.batch, .threads = options.threads};
    thread_pool pool(options.threads);
    const looping_runs looping = record_loops(model, suite, how, options.most_runs, pool, progress);
    const std::span<const recorded_run> runs = looping.runs;
    localization found;
    found.kinds = options.kinds;
    found.answers = looping.answers;
    found.looping = looping.prompts.size();
    found.explained = runs.size();
    if (runs.empty()) return found;
    for_each_method([&]<class Listed>(const Listed& listed) {
        if constexpr (Listed::role == method_role::proposes || Listed::role == method_role::baseline)
            found.methods.push_back({std::string(listed.method.name), Listed::role == method_role::baseline,
                                     attribute(model, runs, listed.method, loop_margin{}, pool)});
    });
    found.layers = detail::ablate_layers(model, runs.first(std::min(options.layer_runs, runs.size())), pool);
    progress(progress_event{"re-score", 0, 0});
    found.exact = detail::rescore(model, runs, detail::union_of_best(found.methods, options), options, pool);
    std::vector<target_factor> edits;
    for (const exact_candidate& one : found.exact)
        if (one.whole_grid) edits.push_back(one.edit);
    found.head_patterns = head_patterns(model, {.texts = 4}, options.threads);
    found.free_prompts = looping.prompts.size();
    found.free = detail::try_freely(model, looping.prompts, edits, how, progress);
    return found;
}

}  // namespace unloop::inline v0

#endif
