// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Candidates of localisation by what they leave in free generation.
#ifndef UNLOOP_SEARCH_FREE_TRIAL_HPP
#define UNLOOP_SEARCH_FREE_TRIAL_HPP

#include <unloop/attribute/value_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/search/localization.hpp>
#include <unloop/search/loop_records.hpp>

#include <algorithm>  // count_if, min, stable_sort
#include <cstddef>    // size_t
#include <span>       // prompts
#include <string>     // keys
#include <variant>    // kinds
#include <vector>     // candidates

namespace unloop::inline v0 {

namespace detail {

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

/// What free generation under each edit leaves, two numbers an edit: loops, and answers that ended by themselves.
template <class Model, class Progress>
std::vector<double> count_endings(const Model& model, std::span<const std::vector<token_id>> prompts,
                                  std::span<const target_factor> edits, const generation_options& options,
                                  Progress& progress) {
    std::vector<plan> plans;
    for (const target_factor& edit : edits) plans.push_back(scale(edit.target, edit.factor));
    std::vector<const plan*> arms;
    for (const plan& one : plans) arms.push_back(&one);
    const std::vector<record> records = answers_until_loop(model, prompts, arms, options, progress);
    std::vector<double> counts;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        const auto answers = std::span(records).subspan(i * prompts.size(), prompts.size());
        counts.push_back(static_cast<double>(count_loops(answers)));
        counts.push_back(static_cast<double>(std::count_if(
            answers.begin(), answers.end(), [](const record& answer) { return answer.ended_naturally(); })));
    }
    return counts;
}

/// The same as candidates, in the order given; `key` names the prompts in the memory.
template <class Model, class Progress, class Memory>
std::vector<free_candidate> answer_freely(const Model& model, std::span<const std::vector<token_id>> prompts,
                                          std::span<const target_factor> edits, const generation_options& options,
                                          Progress& progress, const std::string& key, Memory& memory) {
    const std::vector<double> counts = recalled(memory, key + ":" + key_of(edits), 2 * edits.size(), [&] {
        return count_endings(model, prompts, edits, options, progress);
    });
    std::vector<free_candidate> candidates;
    for (std::size_t i = 0; i < edits.size(); ++i)
        candidates.push_back(
            {edits[i], static_cast<std::size_t>(counts[2 * i]), static_cast<std::size_t>(counts[2 * i + 1])});
    return candidates;
}

/// Each edit and the suppression of its target on the first prompts, the better of the two kept.
template <class Model, class Progress, class Memory>
std::vector<free_candidate> better_of_two(const Model& model, std::span<const std::vector<token_id>> prompts,
                                          std::span<const target_factor> edits, const generation_options& options,
                                          Progress& progress, Memory& memory) {
    std::vector<target_factor> tried;
    for (const target_factor& edit : edits) {
        tried.push_back(edit);
        if (edit.factor != 0) tried.push_back({edit.target, 0.0F});
    }
    std::vector<free_candidate> candidates;
    for (const free_candidate& one : answer_freely(model, prompts, tried, options, progress,
                                                   "free, first " + std::to_string(prompts.size()), memory))
        if (candidates.empty() || candidates.back().edit.target != one.edit.target)
            candidates.push_back(one);
        else if (leaves_less(one, candidates.back()))
            candidates.back() = one;
    return candidates;
}

/// Free generation, best first, ties in the order given: under every edit on the first prompts, and for the best of
/// each kind on the others too.
template <class Model, class Progress, class Memory>
std::vector<free_candidate> try_freely(const Model& model, std::span<const std::vector<token_id>> prompts,
                                       std::span<const target_factor> edits, const localize_options& options,
                                       const generation_options& how, Progress& progress, Memory& memory) {
    const std::size_t few = std::min(options.first_prompts, prompts.size());
    std::vector<free_candidate> tried = better_of_two(model, prompts.first(few), edits, how, progress, memory);
    std::stable_sort(tried.begin(), tried.end(), leaves_less);
    std::vector<free_candidate> candidates =
        first_of_each_kind(std::span<const free_candidate>(tried), options.free_candidates, options);
    std::vector<target_factor> kept;
    for (const free_candidate& one : candidates) kept.push_back(one.edit);
    const auto others = answer_freely(model, prompts.subspan(few), kept, how, progress,
                                      "free, other " + std::to_string(prompts.size() - few), memory);
    for (std::size_t i = 0; i < candidates.size(); ++i)
        candidates[i].loops += others[i].loops, candidates[i].ended += others[i].ended;
    std::stable_sort(candidates.begin(), candidates.end(), leaves_less);
    return candidates;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
