// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// An attribution method: scores every target of one recorded run under an objective.
#ifndef UNLOOP_ATTRIBUTE_ATTRIBUTION_HPP
#define UNLOOP_ATTRIBUTE_ATTRIBUTION_HPP

#include <unloop/attribute/decisions.hpp>
#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/error.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <concepts>     // same_as
#include <span>         // records
#include <string_view>  // names
#include <vector>       // runs

namespace unloop::inline v0 {

/// `name`: what reports call the method.
template <class Method>
concept has_name = requires {
    { Method::name } -> std::convertible_to<std::string_view>;
};

/// `target_scores score(model, run, objective, executor) const`.
template <class Method, class Model, class Objective>
concept scores_targets = requires(const Method& method, const Model& model, const recorded_run& run,
                                  const Objective& objective, thread_pool& executor) {
    { method.score(model, run, objective, executor) } -> std::same_as<target_scores>;
};

/// Scores targets; laws and examples: docs/concepts/attribution.md.
template <class Method, class Model, class Objective>
concept target_attribution = has_name<Method> && scores_targets<Method, Model, Objective>;

/// Stops compilation with one sentence for each requirement of `target_attribution` that `Method` does not meet.
template <class Method, class Model, class Objective>
constexpr void require_target_attribution() noexcept {
    static_assert(has_name<Method>,
                  "target_attribution: needs static constexpr std::string_view name; see docs/concepts/attribution.md");
    static_assert(scores_targets<Method, Model, Objective>,
                  "target_attribution: needs unloop::target_scores score(const Model&, const unloop::recorded_run&, "
                  "const Objective&, Executor&) const; see docs/concepts/attribution.md");
}

/// Mean of the scores over runs. `runs` must not be empty.
template <class Model, class Method, class Objective>
[[nodiscard]] target_scores attribute(const Model& model, std::span<const recorded_run> runs, const Method& method,
                                      const Objective& objective, thread_pool& executor) {
    require_decision_objective<Objective>();
    require_target_attribution<Method, Model, Objective>();
    require_batch_invariance<typename Model::decoder_type::backend_type>();
    expects(!runs.empty(), "attribute: at least one run");
    target_scores sum(model.config());
    for (const recorded_run& run : runs) sum += method.score(model, run, objective, executor);
    return sum /= static_cast<double>(runs.size());
}

/// One record, from its tokens on. Throws `error` when it holds no loop.
template <class Model, class Method, class Objective>
[[nodiscard]] target_scores attribute(const Model& model, const record& row, const Method& method,
                                      const Objective& objective, std::size_t threads = 1) {
    require_decision_objective<Objective>();
    require_target_attribution<Method, Model, Objective>();
    thread_pool executor(threads);
    const auto run = find_decisions(model, row, executor);
    if (!run) throw error("the record repeats nothing: there is no decision to explain");
    return attribute(model, std::span(&*run, 1), method, objective, executor);
}

}  // namespace unloop::inline v0

#endif
