// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Localisation: from looping answers to the targets behind them, in three steps of rising cost, beside two baselines.
#ifndef UNLOOP_SEARCH_LOCALIZE_HPP
#define UNLOOP_SEARCH_LOCALIZE_HPP

#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/layer_ablation.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/attribute/score_values.hpp>
#include <unloop/evaluate/head_patterns.hpp>
#include <unloop/search/free_trial.hpp>
#include <unloop/search/localization.hpp>
#include <unloop/search/looping_runs.hpp>
#include <unloop/search/rescore.hpp>

#include <algorithm>  // min, sort, unique
#include <cstddef>    // size_t
#include <span>       // runs
#include <string>     // names
#include <vector>     // rankings

namespace unloop::inline v0 {

namespace detail {

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

}  // namespace detail

/// Explains the loops in greedy answers to `suite` and tries the best targets of every kind that the model has.
/// Candidates come from the attribution methods by absolute score (a saturated margin turns the sign); they are
/// suppressed and inverted exactly, the best by either are tried under all of `factor_grid`, and those in free
/// generation, which alone decides: first on a few prompts, the better ones on all. When nothing loops, only the counts
/// are filled. `memory` gives back what an earlier, stopped call with equal arguments had computed: exact changes,
/// free trials and the scores of `options.method`; answers, layers and the other scores are computed anew. Throws
/// `error` when cancelled.
template <class Model, class Progress = no_progress, class Memory = no_value_memory>
[[nodiscard]] localization localize(const Model& model, const probe_suite& suite, const localize_options& options = {},
                                    Progress&& progress = {}, Memory&& memory = {}) {
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
        constexpr bool is_baseline = Listed::role == method_role::baseline;
        const std::string name(listed.method.name);
        const bool is_asked_for = name == options.method;
        const auto scores = [&] { return attribute(model, runs, listed.method, loop_margin{}, pool); };
        if (is_asked_for)
            found.methods.push_back(
                {name, is_baseline, recalled_scores(memory, "scores " + name, target_scores(model.config()), scores)});
        else if (Listed::role == method_role::proposes || is_baseline)
            found.methods.push_back({name, is_baseline, scores()});
    });
    found.layers = detail::ablate_layers(model, runs.first(std::min(options.layer_runs, runs.size())), pool);
    if (!progress(progress_event{"re-score", 0, 0})) throw error("cancelled");
    found.exact = detail::rescore(model, runs, detail::union_of_best(found.methods, options), options, pool, memory);
    std::vector<target_factor> edits;
    for (const exact_candidate& one : found.exact)
        if (one.whole_grid) edits.push_back(one.edit);
    found.head_patterns = head_patterns(model, {.texts = 4}, options.threads);
    found.free_prompts = looping.prompts.size();
    found.free = detail::try_freely(model, looping.prompts, edits, options, how, progress, memory);
    return found;
}

}  // namespace unloop::inline v0

#endif
