// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What localisation is asked, and what it tells.
#ifndef UNLOOP_SEARCH_LOCALIZATION_HPP
#define UNLOOP_SEARCH_LOCALIZATION_HPP

#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/layer_ablation.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/target_kinds.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/evaluate/head_patterns.hpp>

#include <algorithm>    // find_if
#include <array>        // the grid
#include <cstddef>      // size_t
#include <span>         // rankings
#include <string>       // names
#include <string_view>  // names
#include <variant>      // kinds
#include <vector>       // rankings

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
    std::size_t most_runs = 8;    ///< looping answers that are explained
    std::size_t candidates = 16;  ///< best of each method and kind that are tried exactly: suppressed, and inverted
    std::size_t first_candidates = 12;  ///< best of those of each kind: tried under the whole grid, then freely
    std::size_t first_prompts = 4;      ///< on which those are tried freely
    std::size_t free_candidates = 8;    ///< best of those of each kind: tried freely on all prompts
    std::size_t experts = 32;  ///< in place of all three for experts: they are few, and each is much of its layer
    std::size_t heads = 8;     ///< the same for attention heads
    target_kinds kinds = target_kinds::all();  ///< that may be edited: others are scored, and no more
    std::string method{};                      ///< one more that proposes candidates, of `method_names()`; empty: none
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

/// A candidate in free generation on the prompts that loop unedited: its own factor or 0, whichever does better on the
/// first of them.
struct free_candidate {
    target_factor edit;
    std::size_t loops = 0;
    std::size_t ended = 0;  ///< answers that ended by themselves
};

/// A plan by which healthy texts surprise a broken model less, after one more edit, its last one (`surprise_descent`).
struct descent_step {
    plan edit;
    double surprise_rise = 0;  ///< mean over the texts that it was fitted to, nats a token; below 0
    double held_out_rise = 0;  ///< by this one edit, over the texts held out
    double p = 1;              ///< of that, one-sided
    friend bool operator==(const descent_step&, const descent_step&) = default;
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
    std::vector<descent_step> descent;  ///< in the order found; empty unless a broken model is to be repaired
    std::vector<std::vector<head_pattern>> head_patterns;  ///< by layer and head
    target_kinds kinds = target_kinds::all();              ///< that strategies may edit

    /// Null when there is none of that name, as when nothing loops.
    [[nodiscard]] const method_scores* method_named(std::string_view name) const noexcept {
        const auto found = std::find_if(methods.begin(), methods.end(), [&](auto& one) { return one.name == name; });
        return found == methods.end() ? nullptr : &*found;
    }
};

/// As an edit is written.
[[nodiscard]] inline std::string to_string(const target_factor& one) {
    return to_string(target_edit{one.target, one.factor});
}

namespace detail {

/// How many targets of the kind of `target` go on, where it is `neurons` for neurons.
inline std::size_t limit_of(const target_id& target, std::size_t neurons, const localize_options& options) {
    if (!options.kinds.contains(kind_of(target))) return 0;
    if (std::holds_alternative<expert_id>(target)) return options.experts;
    return std::holds_alternative<head_id>(target) ? options.heads : neurons;
}

/// The first of each kind, `neurons` where it is neurons.
template <class Ranked>
std::vector<Ranked> first_of_each_kind(std::span<const Ranked> ranked, std::size_t neurons,
                                       const localize_options& options) {
    std::array<std::size_t, std::variant_size_v<target_id>> taken{};
    std::vector<Ranked> kept;
    for (const Ranked& one : ranked)
        if (taken[one.edit.target.index()]++ < limit_of(one.edit.target, neurons, options)) kept.push_back(one);
    return kept;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
