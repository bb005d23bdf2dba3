// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Objectives: what an attribution explains at a decision, as a function of the logits there and its gradient.
#ifndef UNLOOP_ATTRIBUTE_OBJECTIVE_HPP
#define UNLOOP_ATTRIBUTE_OBJECTIVE_HPP

#include <unloop/core/ids.hpp>

#include <algorithm>  // max
#include <cmath>      // exp, log
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <optional>   // a newline token that may be absent
#include <span>       // logits
#include <vector>     // alternatives

namespace unloop::inline v0 {

/// A place where the run chose to repeat itself.
struct decision {
    std::size_t position = 0;            ///< of the decided token in prompt + answer; the logits are those one before
    token_id loop = 0;                   ///< the token that was chosen, and that repeats
    std::vector<token_id> alternatives;  ///< frozen from the unedited run: good tokens that do not repeat, best first
    std::vector<double> shares = {};     ///< of the alternatives among themselves in that run; empty: equal
};

/// A logit and its factor in the gradient of an objective.
struct logit_weight {
    token_id token = 0;
    double factor = 0;
};

/// `double value(logits, decision) const`: what is to be explained; logits: [vocabulary].
template <class Objective>
concept has_value = requires(const Objective& objective, std::span<const float> logits, const decision& at) {
    { objective.value(logits, at) } -> std::same_as<double>;
};

/// `std::vector<logit_weight> gradient(logits, decision) const`: its derivatives by the logits, as the few that count.
template <class Objective>
concept has_gradient = requires(const Objective& objective, std::span<const float> logits, const decision& at) {
    { objective.gradient(logits, at) } -> std::same_as<std::vector<logit_weight>>;
};

/// What attribution explains; laws and examples: docs/concepts/objective.md.
template <class Objective>
concept decision_objective = has_value<Objective> && has_gradient<Objective>;

/// Stops compilation with one sentence for each requirement of `decision_objective` that `Objective` does not meet.
template <class Objective>
constexpr void require_decision_objective() noexcept {
    static_assert(has_value<Objective>,
                  "decision_objective: needs double value(std::span<const float> logits, const unloop::decision&) "
                  "const; see docs/concepts/objective.md");
    static_assert(has_gradient<Objective>,
                  "decision_objective: needs std::vector<unloop::logit_weight> gradient(std::span<const float> logits, "
                  "const unloop::decision&) const; see docs/concepts/objective.md");
}

namespace detail {

/// log(sum of exp) over chosen logits, and each one's share of the sum.
struct chosen_softmax {
    double log_sum = 0;
    std::vector<double> shares;

    chosen_softmax(std::span<const float> logits, std::span<const token_id> tokens) {
        double largest = -INFINITY, sum = 0;
        for (token_id token : tokens) largest = std::max(largest, value(logits, token));
        for (token_id token : tokens) sum += shares.emplace_back(std::exp(value(logits, token) - largest));
        for (double& share : shares) share /= sum;
        log_sum = largest + std::log(sum);
    }
    static double value(std::span<const float> logits, token_id token) {
        return static_cast<double>(logits[static_cast<std::size_t>(token)]);
    }
};

}  // namespace detail

/// The logit of a token minus the log-sum-exp of the decision's alternatives: positive when the token wins over all of
/// them together. By default the token is the decision's own, the one that repeats; with `token` set it is another,
/// such as the end token or the newline, because an edit that raises those ends lists instead of curing them.
struct loop_margin {
    std::optional<token_id> token;

    [[nodiscard]] double value(std::span<const float> logits, const decision& at) const {
        return detail::chosen_softmax::value(logits, token.value_or(at.loop)) -
               detail::chosen_softmax(logits, at.alternatives).log_sum;
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> logits, const decision& at) const {
        const detail::chosen_softmax rest(logits, at.alternatives);
        std::vector<logit_weight> weights{{token.value_or(at.loop), 1.0}};
        for (std::size_t i = 0; i < at.alternatives.size(); ++i)
            weights.push_back({at.alternatives[i], -rest.shares[i]});
        return weights;
    }
};
static_assert(decision_objective<loop_margin>);

}  // namespace unloop::inline v0

#endif
