// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a comparison of attribution methods finds.
#ifndef UNLOOP_ATTRIBUTE_METHOD_COMPARISON_HPP
#define UNLOOP_ATTRIBUTE_METHOD_COMPARISON_HPP

#include <unloop/attribute/any_positions.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/target.hpp>

#include <cstddef>   // size_t
#include <cstdint>   // uint64_t
#include <optional>  // correlations that are not defined
#include <string>    // names
#include <vector>    // targets

namespace unloop::inline v0 {

struct compare_options {
    std::size_t drawn = 512;  ///< targets of each kind, evenly over the layers: rank agreement is estimated on them
    std::size_t best = 32;    ///< of each method and kind that are tried exactly besides
    std::size_t top = 10;     ///< how many best the overlap is about
    std::uint64_t seed = 1;   ///< of the draw
    std::size_t batch = 8;    ///< candidates a pass of exact ablation
    any_positions positions = {};  ///< whose parts are counted by methods that do; exact ablation is over all
    bool costly = false;           ///< methods of `method_role::costly` too
    std::size_t evaluations = integrated_gradients::default_evaluations;  ///< of the path that these go along
    double least_seconds = 2;  ///< pieces of work that took less are not worth a place in a memory
};

/// How a method and exact ablation agree on the targets of one kind.
struct kind_agreement {
    any_target_kind kind;
    std::optional<double> signed_ranks;                 ///< Spearman on the drawn targets, signs included
    std::optional<double> sizes;                        ///< the same of magnitudes: of methods without a sign
    std::vector<std::optional<double>> sizes_by_layer;  ///< in order
    double overlap = 0;                                 ///< of the best `top`, among all targets that were tried
    std::optional<double> without_a_prompt;             ///< see `score_aggregate::leave_one_prompt_out`
    std::optional<double> same_sign;  ///< of the best `top`: share of runs that agree with the mean in sign, averaged
    std::vector<std::optional<double>> signed_ranks_by_layer = {};
    std::vector<std::optional<double>> overlap_by_layer = {};  ///< nothing where no more than `top` were tried
};

struct method_comparison {
    std::string name;
    method_role role = method_role::compared;
    double seconds = 0;                         ///< for all runs
    std::size_t bytes = 0;                      ///< most for a run; see `memory_watch`
    target_scores scores;                       ///< mean over runs
    std::vector<kind_agreement> kinds;          ///< those of which the method scores any target
    std::vector<std::size_t> ranks_of_planted;  ///< 1: best of its kind, in the order given

    /// Share of the planted targets that are among the `count` best of their kind.
    [[nodiscard]] double precision_at(std::size_t count) const {
        std::size_t hits = 0;
        for (const std::size_t rank : ranks_of_planted) hits += rank <= count ? 1U : 0U;
        return ranks_of_planted.empty() ? 0 : static_cast<double>(hits) / static_cast<double>(ranks_of_planted.size());
    }
};

struct method_comparisons {
    std::vector<target_id> tried;  ///< exactly, ascending
    std::vector<bool> drawn;       ///< by target tried: whether it was drawn, not chosen by a method
    std::vector<double> exact;     ///< by target tried: what the objective loses without it, mean over runs
    double exact_seconds = 0;      ///< for all targets and runs
    std::size_t exact_bytes = 0;
    std::vector<method_comparison> methods;
};

}  // namespace unloop::inline v0

#endif
