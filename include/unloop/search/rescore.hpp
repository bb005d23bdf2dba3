// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Candidates of localisation by their exact effect on recorded loops.
#ifndef UNLOOP_SEARCH_RESCORE_HPP
#define UNLOOP_SEARCH_RESCORE_HPP

#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/value_memory.hpp>
#include <unloop/parallel/thread_pool.hpp>
#include <unloop/search/localization.hpp>

#include <algorithm>  // max_element, min, stable_sort
#include <array>      // objectives
#include <cmath>      // abs
#include <cstddef>    // size_t
#include <numeric>    // iota
#include <span>       // runs
#include <string>     // keys
#include <utility>    // pair
#include <variant>    // kinds
#include <vector>     // candidates

namespace unloop::inline v0 {

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
template <class Model, class Memory>
std::vector<exact_candidate> mean_changes(const Model& model, std::span<const recorded_run> runs,
                                          std::span<const target_factor> tried, thread_pool& pool, Memory& memory) {
    const auto objectives = told_objectives(model);
    constexpr std::array fields{&exact_candidate::loop_change, &exact_candidate::end_change,
                                &exact_candidate::newline_change};
    std::vector<exact_candidate> means;
    for (const target_factor& one : tried) means.push_back({one});
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const std::string key = "exact changes, run " + std::to_string(r) + ":" + key_of(tried);
        const auto changes = recalled(memory, key, tried.size() * objectives.size(), [&] {
            return exact_ablations(model, runs[r], tried, std::span<const loop_margin>(objectives), pool);
        });
        for (std::size_t i = 0; i < changes.size(); ++i)
            means[i / fields.size()].*fields[i % fields.size()] += changes[i] / static_cast<double>(runs.size());
    }
    return means;
}

inline bool changes_less(const exact_candidate& a, const exact_candidate& b) {
    return std::abs(a.loop_change) < std::abs(b.loop_change);
}

/// Changes by each of `factors` on each of `targets`, averaged over runs: [target * factors + factor].
template <class Model, class Memory>
std::vector<exact_candidate> changes_under(const Model& model, std::span<const recorded_run> runs,
                                           std::span<const target_id> targets, std::span<const float> factors,
                                           thread_pool& pool, Memory& memory) {
    std::vector<target_factor> tried;
    for (const target_id& target : targets)
        for (const float factor : factors) tried.push_back({target, factor});
    return mean_changes(model, runs, tried, pool, memory);
}

/// Places of targets among those of their kind, from 0, under that of the `first_factors` which ranks them higher;
/// `changes`: [target * first_factors + factor].
inline std::vector<std::size_t> better_places(std::span<const exact_candidate> changes) {
    std::vector<std::size_t> places(changes.size() / first_factors, changes.size()), order(places.size());
    for (std::size_t factor = 0; factor < first_factors; ++factor) {
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return changes_less(changes[b * first_factors + factor], changes[a * first_factors + factor]);
        });
        std::array<std::size_t, std::variant_size_v<target_id>> ranked{};
        for (const std::size_t i : order)
            places[i] = std::min(places[i], ranked[changes[i * first_factors].edit.target.index()]++);
    }
    return places;
}

/// Every target under that of the `first_factors` which changes most, by place, the larger change first where places
/// are equal. Inversion mostly changes twice as much as suppression, so each factor ranks the targets on its own: a
/// neuron that only inversion moves is kept, and so is one that suppression already moves as far as it goes.
inline std::vector<exact_candidate> best_of_first(std::span<const exact_candidate> changes) {
    const std::vector<std::size_t> places = better_places(changes);
    std::vector<std::pair<std::size_t, exact_candidate>> placed;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto factors = changes.subspan(i * first_factors, first_factors);
        placed.emplace_back(places[i], *std::max_element(factors.begin(), factors.end(), changes_less));
    }
    std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : changes_less(b.second, a.second);
    });
    std::vector<exact_candidate> candidates;
    for (const auto& [place, candidate] : placed) candidates.push_back(candidate);
    return candidates;
}

/// Tries the rest of the grid on the first of each kind.
template <class Model, class Memory>
void try_whole_grid(const Model& model, std::span<const recorded_run> runs, std::vector<exact_candidate>& candidates,
                    const localize_options& options, thread_pool& pool, Memory& memory) {
    std::vector<target_id> targets;
    for (const exact_candidate& one :
         first_of_each_kind(std::span<const exact_candidate>(candidates), options.first_candidates, options))
        targets.push_back(one.edit.target);
    const auto rest = std::span<const float>(factor_grid).subspan(first_factors);
    const std::vector<exact_candidate> changes = changes_under(model, runs, targets, rest, pool, memory);
    for (exact_candidate& one : candidates)
        for (std::size_t i = 0; i < changes.size(); ++i) {
            if (changes[i].edit.target != one.edit.target) continue;
            if (changes_less(one, changes[i])) one = changes[i];
            one.whole_grid = true;
        }
}

/// Exact changes, largest magnitude first: every target under the `first_factors`, the first of each kind under the
/// whole grid.
template <class Model, class Memory>
std::vector<exact_candidate> rescore(const Model& model, std::span<const recorded_run> runs,
                                     std::span<const target_id> targets, const localize_options& options,
                                     thread_pool& pool, Memory& memory) {
    std::vector<exact_candidate> candidates = best_of_first(
        changes_under(model, runs, targets, std::span<const float>(factor_grid).first(first_factors), pool, memory));
    try_whole_grid(model, runs, candidates, options, pool, memory);
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const exact_candidate& a, const exact_candidate& b) { return changes_less(b, a); });
    return candidates;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
