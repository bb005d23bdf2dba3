// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution methods judged by exact ablation: agreement of ranks, of the best, time, memory, and planted targets.
#ifndef UNLOOP_ATTRIBUTE_COMPARE_METHODS_HPP
#define UNLOOP_ATTRIBUTE_COMPARE_METHODS_HPP

#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/draw_targets.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/method_comparison.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/attribute/rank_agreement.hpp>
#include <unloop/attribute/score_aggregate.hpp>
#include <unloop/attribute/score_values.hpp>
#include <unloop/attribute/value_memory.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/io/memory_watch.hpp>

#include <algorithm>  // sort, min
#include <chrono>     // time
#include <cstddef>    // size_t
#include <cstdint>    // int32_t, int64_t
#include <optional>   // correlations that are not defined
#include <span>       // runs
#include <string>     // names
#include <utility>    // move
#include <vector>     // targets

namespace unloop::inline v0 {

namespace detail {

/// What was measured of a piece of work: seconds and bytes, then its numbers.
struct measured_values {
    double seconds = 0;
    double bytes = 0;
    std::vector<double> values;
};

/// Does the work, which gives `count` numbers, unless the memory knows it; what took less than `least_seconds` is not
/// kept there.
template <class Memory, class Work>
[[nodiscard]] measured_values remembered(Memory& memory, const std::string& key, std::size_t count,
                                         double least_seconds, const Work& work) {
    if (const auto known = known_values(memory, key, count + 2))
        return {known->at(0), known->at(1), {known->begin() + 2, known->end()}};
    const memory_watch watch;
    const auto begin = std::chrono::steady_clock::now();
    measured_values done;
    done.values = work();
    done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    done.bytes = static_cast<double>(watch.bytes());
    if (done.seconds >= least_seconds) {
        std::vector<double> kept{done.seconds, done.bytes};
        kept.insert(kept.end(), done.values.begin(), done.values.end());
        memory.keep(key, kept);
    }
    return done;
}

/// Records of one prompt, as of several seeds, have the same number.
[[nodiscard]] inline std::vector<std::size_t> prompt_numbers(std::span<const recorded_run> runs) {
    std::vector<std::vector<token_id>> prompts;
    std::vector<std::size_t> numbers;
    for (const recorded_run& run : runs) {
        const auto end = run.tokens.begin() + static_cast<std::ptrdiff_t>(run.prompt_tokens);
        const std::vector<token_id> prompt(run.tokens.begin(), end);
        const auto at = std::find(prompts.begin(), prompts.end(), prompt);
        numbers.push_back(static_cast<std::size_t>(at - prompts.begin()));
        if (at == prompts.end()) prompts.push_back(prompt);
    }
    return numbers;
}

}  // namespace detail

/// Compares the library's methods, and `own` ones besides, on recorded runs of loops. `planted` are targets that are
/// known to be behind them, if any. Exact ablation tries `drawn` targets of each kind and the best of every method.
/// `memory` gives back what an earlier, stopped call with equal arguments had computed; `progress` counts pieces.
template <class Model, class Objective>
class method_comparer {
  public:
    method_comparer(const Model& model, std::span<const recorded_run> runs, const Objective& objective,
                    thread_pool& executor, const compare_options& options = {})
        : model_(model), runs_(runs), objective_(objective), executor_(executor), options_(options) {
        require_decision_objective<Objective>();
        require_batch_invariance<typename Model::decoder_type::backend_type>();
        expects(!runs.empty(), "compare_methods: at least one run");
    }

    template <class Memory, class Progress, class... Own>
    [[nodiscard]] method_comparisons compare(std::span<const target_id> planted, Memory& memory, Progress& progress,
                                             const Own&... own) {
        require_value_memory<Memory>();
        std::vector<score_aggregate> records;
        for_each_method(
            [&]<class Listed>(const Listed& listed) {
                if (Listed::role != method_role::costly || options_.costly)
                    score(listed.method, Listed::role, memory, progress, records);
            },
            options_.positions, options_.evaluations);
        (score(own, method_role::compared, memory, progress, records), ...);
        choose(planted);
        ablate(memory, progress);
        for (std::size_t m = 0; m < records.size(); ++m) judge(found_.methods[m], &records[m], planted);
        add_decisions_alone(memory, progress, planted);
        return std::move(found_);
    }

  private:
    template <class Method, class Memory, class Progress>
    void score(const Method& method, method_role role, Memory& memory, Progress& progress,
               std::vector<score_aggregate>& records) {
        require_target_attribution<Method, Model, Objective>();
        method_comparison compared{std::string(method.name), role, 0, 0, target_scores(model_.config()), {}, {}};
        score_aggregate& all = records.emplace_back();
        const std::vector<std::size_t> prompts = detail::prompt_numbers(runs_);
        const std::size_t targets = values_of(compared.scores).size();
        for (std::size_t r = 0; r < runs_.size(); ++r) {
            step(progress, compared.name, r, runs_.size());
            const auto done = detail::remembered(
                memory, "scores " + compared.name + " " + std::to_string(r), targets, options_.least_seconds,
                [&] { return values_of(method.score(model_, runs_[r], objective_, executor_)); });
            compared.seconds += done.seconds;
            compared.bytes = std::max(compared.bytes, static_cast<std::size_t>(done.bytes));
            all.add(scores_from(done.values, compared.scores), prompts[r]);
        }
        compared.scores = all.mean();
        found_.methods.push_back(std::move(compared));
    }

    /// What is tried exactly: drawn targets, the best of each method, and the planted ones.
    void choose(std::span<const target_id> planted) {
        const std::vector<layer_dimensions> layers = dimensions_of(model_.config());
        std::vector<target_id> drawn, chosen(planted.begin(), planted.end());
        for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
            for (const Id& id : draw_evenly<Id>(layers, options_.drawn, options_.seed)) drawn.push_back(id);
            for (const method_comparison& method : found_.methods)
                for (const Id& id : method.scores.best<Id>(options_.best))
                    if (method.scores[id] != 0) chosen.push_back(id);
        });
        std::sort(drawn.begin(), drawn.end());
        found_.tried = drawn;
        found_.tried.insert(found_.tried.end(), chosen.begin(), chosen.end());
        std::sort(found_.tried.begin(), found_.tried.end());
        found_.tried.erase(std::unique(found_.tried.begin(), found_.tried.end()), found_.tried.end());
        for (const target_id& target : found_.tried)
            found_.drawn.push_back(std::binary_search(drawn.begin(), drawn.end(), target));
    }

    /// In pieces, so that little is lost when it is stopped; `ablate_piece(run, candidates)` gives the changes.
    template <class Memory, class Progress, class Ablate>
    detail::measured_values effects(const std::string& name, Memory& memory, Progress& progress,
                                    const Ablate& ablate_piece) {
        constexpr std::size_t piece = 128;
        detail::measured_values sum;
        sum.values.resize(found_.tried.size());
        for (std::size_t r = 0; r < runs_.size(); ++r)
            for (std::size_t first = 0; first < found_.tried.size(); first += piece) {
                const std::size_t count = std::min(piece, found_.tried.size() - first);
                step(progress, name, r * found_.tried.size() + first, runs_.size() * found_.tried.size());
                std::vector<target_factor> candidates;
                for (std::size_t i = first; i < first + count; ++i) candidates.push_back({found_.tried[i], 0.0F});
                std::string key = name + " " + std::to_string(r) + " of";
                for (const target_factor& one : candidates) key += " " + to_string(one.target);
                const auto done = detail::remembered(memory, key, count, options_.least_seconds,
                                                     [&] { return ablate_piece(runs_[r], candidates); });
                for (std::size_t i = 0; i < count; ++i)
                    sum.values[first + i] -= done.values[i] / static_cast<double>(runs_.size());
                sum.seconds += done.seconds;
                sum.bytes = std::max(sum.bytes, done.bytes);
            }
        return sum;
    }
    template <class Memory, class Progress>
    void ablate(Memory& memory, Progress& progress) {
        auto all = effects("exact_ablation", memory, progress, [&](const recorded_run& run, const auto& candidates) {
            return exact_ablation(model_, run, candidates, objective_, executor_, options_.batch);
        });
        found_.exact = std::move(all.values);
        found_.exact_seconds = all.seconds;
        found_.exact_bytes = static_cast<std::size_t>(all.bytes);
    }
    /// The other mode of exact ablation beside it, on the targets that are tried.
    template <class Memory, class Progress>
    void add_decisions_alone(Memory& memory, Progress& progress, std::span<const target_id> planted) {
        const auto all =
            effects("decision_ablation", memory, progress, [&](const recorded_run& run, const auto& candidates) {
                return decision_ablation(model_, run, candidates, objective_, executor_);
            });
        method_comparison compared{"decision_ablation",
                                   method_role::compared,
                                   all.seconds,
                                   static_cast<std::size_t>(all.bytes),
                                   target_scores(model_.config()),
                                   {},
                                   {}};
        for (std::size_t i = 0; i < found_.tried.size(); ++i)
            std::visit([&](const auto& id) { compared.scores[id] = all.values[i]; }, found_.tried[i]);
        judge(compared, nullptr, planted);
        found_.methods.push_back(std::move(compared));
    }

    void judge(method_comparison& method, const score_aggregate* records, std::span<const target_id> planted) const {
        for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
            bool scores_any = false;
            method.scores.for_each<Id>([&](const Id& /*id*/, double score) { scores_any = scores_any || score != 0; });
            if (!scores_any) return;
            kind_agreement agreement{kind, {}, {}, {}, 0, {}, {}};
            agree<Id>(method.scores, agreement);
            if (records != nullptr) agree_among_records<Id>(*records, agreement);
            method.kinds.push_back(std::move(agreement));
        });
        for (const target_id& target : planted) method.ranks_of_planted.push_back(method.scores.rank_of(target));
    }

    template <class Id>
    void agree_among_records(const score_aggregate& records, kind_agreement& agreement) const {
        if (records.prompts().size() > 1) agreement.without_a_prompt = records.leave_one_prompt_out<Id>(options_.top);
        const std::vector<Id> best = records.mean().best<Id>(options_.top);
        const target_scores share = records.sign_share();
        double sum = 0;
        for (const Id& id : best) sum += share[id];
        agreement.same_sign = sum / static_cast<double>(best.size());
    }

    /// Scores and exact effects of the targets of one kind that `keep(position)` keeps.
    struct score_pairs {
        std::vector<double> scores, effects;
        [[nodiscard]] score_pairs sizes() const {
            score_pairs made = *this;
            for (double& score : made.scores) score = std::abs(score);
            for (double& effect : made.effects) effect = std::abs(effect);
            return made;
        }
        [[nodiscard]] std::optional<double> correlation() const { return spearman(scores, effects); }
    };
    template <class Id, class Keep>
    [[nodiscard]] score_pairs pairs(const target_scores& scores, const Keep& keep) const {
        score_pairs made;
        for (std::size_t i = 0; i < found_.tried.size(); ++i) {
            const Id* const id = std::get_if<Id>(&found_.tried[i]);
            if (id == nullptr || !keep(i)) continue;
            made.scores.push_back(scores[*id]);
            made.effects.push_back(found_.exact[i]);
        }
        return made;
    }
    template <class Id>
    void agree(const target_scores& scores, kind_agreement& agreement) const {
        const score_pairs drawn = pairs<Id>(scores, [&](std::size_t i) { return found_.drawn[i]; });
        agreement.signed_ranks = drawn.correlation();
        agreement.sizes = drawn.sizes().correlation();
        for (std::size_t l = 0; l < scores.layers(); ++l) agree_in_layer<Id>(scores, l, agreement);
        const score_pairs all = pairs<Id>(scores, [](std::size_t) { return true; });
        agreement.overlap = top_overlap(all.scores, all.effects, options_.top);
    }
    template <class Id>
    void agree_in_layer(const target_scores& scores, std::size_t layer, kind_agreement& agreement) const {
        const auto is_there = [&](std::size_t i) {
            return layer_of(found_.tried[i]) == static_cast<std::int32_t>(layer);
        };
        const score_pairs all = pairs<Id>(scores, is_there);
        const score_pairs drawn = pairs<Id>(scores, [&](std::size_t i) { return found_.drawn[i] && is_there(i); });
        agreement.signed_ranks_by_layer.push_back(drawn.correlation());
        agreement.sizes_by_layer.push_back(drawn.sizes().correlation());
        std::optional<double>& overlap = agreement.overlap_by_layer.emplace_back();
        if (all.scores.size() > options_.top) overlap = top_overlap(all.scores, all.effects, options_.top);
    }

    template <class Progress>
    static void step(Progress& progress, const std::string& name, std::size_t done, std::size_t all) {
        if (!progress(progress_event{name, static_cast<std::int64_t>(done), static_cast<std::int64_t>(all)}))
            throw error("the comparison was cancelled");
    }

    const Model& model_;
    std::span<const recorded_run> runs_;
    const Objective& objective_;
    thread_pool& executor_;
    compare_options options_;
    method_comparisons found_;
};

/// See `method_comparer`. Cost: every method on every run, and exact ablation in both modes of drawn targets and the
/// best of all methods on every run.
template <class Model, class Objective, class Memory = no_value_memory, class Progress = no_progress, class... Own>
[[nodiscard]] method_comparisons compare_methods(const Model& model, std::span<const recorded_run> runs,
                                                 const Objective& objective, thread_pool& executor,
                                                 const compare_options& options = {},
                                                 std::span<const target_id> planted = {}, Memory&& memory = {},
                                                 Progress&& progress = {}, const Own&... own) {
    return method_comparer(model, runs, objective, executor, options).compare(planted, memory, progress, own...);
}

}  // namespace unloop::inline v0

#endif
