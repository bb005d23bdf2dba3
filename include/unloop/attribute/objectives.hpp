// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Objectives beside the loop margin: likelihoods, differences, endings, divergences and callables.
#ifndef UNLOOP_ATTRIBUTE_OBJECTIVES_HPP
#define UNLOOP_ATTRIBUTE_OBJECTIVES_HPP

#include <unloop/attribute/objective.hpp>

#include <algorithm>  // max
#include <cmath>      // exp, log
#include <cstddef>    // size_t
#include <optional>   // tokens that may be left to the decision
#include <span>       // logits
#include <vector>     // probabilities

namespace unloop::inline v0 {

namespace detail {

/// log(sum of exp) over all logits, and the probability of each token.
struct softmax_of_all {
    double log_sum = 0;
    std::vector<double> probabilities;

    explicit softmax_of_all(std::span<const float> logits) {
        double largest = -INFINITY, sum = 0;
        for (const float logit : logits) largest = std::max(largest, static_cast<double>(logit));
        for (const float logit : logits)
            sum += probabilities.emplace_back(std::exp(static_cast<double>(logit) - largest));
        for (double& probability : probabilities) probability /= sum;
        log_sum = largest + std::log(sum);
    }
};

}  // namespace detail

/// -log of the probability of the token that repeats: small where the loop is certain. O(vocabulary).
struct loop_negative_log_likelihood {
    [[nodiscard]] double value(std::span<const float> logits, const decision& at) const {
        return detail::softmax_of_all(logits).log_sum - detail::chosen_softmax::value(logits, at.loop);
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> logits, const decision& at) const {
        std::vector<logit_weight> weights;
        for (const double probability : detail::softmax_of_all(logits).probabilities)
            weights.push_back({static_cast<token_id>(weights.size()), probability});
        weights[static_cast<std::size_t>(at.loop)].factor -= 1;
        return weights;
    }
};
static_assert(decision_objective<loop_negative_log_likelihood>);

/// The logit of one token, as it is. Raising all logits raises it as well, though no probability changes: for
/// decompositions, not for rankings. O(1).
struct token_logit {
    token_id token = 0;

    [[nodiscard]] double value(std::span<const float> logits, const decision& /*at*/) const {
        return detail::chosen_softmax::value(logits, token);
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> /*logits*/, const decision& /*at*/) const {
        return {{token, 1.0}};
    }
};
static_assert(decision_objective<token_logit>);

/// The logit of the token that repeats minus that of `other`, or of the decision's best alternative. O(1).
struct logit_difference {
    std::optional<token_id> other;

    [[nodiscard]] double value(std::span<const float> logits, const decision& at) const {
        return detail::chosen_softmax::value(logits, at.loop) - detail::chosen_softmax::value(logits, rival(at));
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> /*logits*/, const decision& at) const {
        return {{at.loop, 1.0}, {rival(at), -1.0}};
    }

  private:
    [[nodiscard]] token_id rival(const decision& at) const { return other ? *other : at.alternatives.front(); }
};
static_assert(decision_objective<logit_difference>);

/// The probability that the answer ends here: of the tokens that end it, together. An edit that raises it ends lists
/// instead of curing them. O(vocabulary).
struct end_probability {
    std::vector<token_id> ends;  ///< different tokens, at least one

    [[nodiscard]] double value(std::span<const float> logits, const decision& /*at*/) const {
        return of_ends(detail::softmax_of_all(logits));
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> logits, const decision& /*at*/) const {
        const detail::softmax_of_all all(logits);
        const double end = of_ends(all);
        std::vector<logit_weight> weights;
        for (const double probability : all.probabilities)
            weights.push_back({static_cast<token_id>(weights.size()), -probability * end});
        for (const token_id token : ends) {
            const auto place = static_cast<std::size_t>(token);
            weights[place].factor += all.probabilities[place];
        }
        return weights;
    }

  private:
    [[nodiscard]] double of_ends(const detail::softmax_of_all& all) const {
        double sum = 0;
        for (const token_id token : ends) sum += all.probabilities[static_cast<std::size_t>(token)];
        return sum;
    }
};
static_assert(decision_objective<end_probability>);

/// A token and its probability in a target distribution.
struct token_share {
    token_id token = 0;
    double share = 0;
};

/// What the model would say if it could not repeat: the decision's alternatives, with their shares in the unedited run.
struct without_repeating {
    [[nodiscard]] std::vector<token_share> operator()(const decision& at) const {
        std::vector<token_share> target;
        for (std::size_t i = 0; i < at.alternatives.size(); ++i)
            target.push_back({at.alternatives[i],
                              at.shares.empty() ? 1.0 / static_cast<double>(at.alternatives.size()) : at.shares[i]});
        return target;
    }
};

/// The Kullback-Leibler divergence from a target distribution to the model's, in nats: the sum over tokens of
/// p (log p - log q). `target(decision)` gives the tokens that the target gives a share, the shares summing to 1.
/// O(vocabulary).
template <class Target = without_repeating>
struct divergence_from {
    Target target = {};

    [[nodiscard]] double value(std::span<const float> logits, const decision& at) const {
        const double log_sum = detail::softmax_of_all(logits).log_sum;
        double sum = 0;
        for (const token_share& wanted : target(at))
            if (wanted.share > 0)
                sum += wanted.share *
                       (std::log(wanted.share) - detail::chosen_softmax::value(logits, wanted.token) + log_sum);
        return sum;
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> logits, const decision& at) const {
        std::vector<logit_weight> weights;
        for (const double probability : detail::softmax_of_all(logits).probabilities)
            weights.push_back({static_cast<token_id>(weights.size()), probability});
        for (const token_share& wanted : target(at))
            weights[static_cast<std::size_t>(wanted.token)].factor -= wanted.share;
        return weights;
    }
};
static_assert(decision_objective<divergence_from<>>);

/// An objective from two callables, `double(logits, decision)` and its derivatives as `std::vector<logit_weight>`.
template <class Value, class Gradient>
struct objective_from {
    Value of_logits;
    Gradient slope;

    objective_from(Value value_of, Gradient gradient_of) : of_logits(value_of), slope(gradient_of) {}
    [[nodiscard]] double value(std::span<const float> logits, const decision& at) const {
        return of_logits(logits, at);
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> logits, const decision& at) const {
        return slope(logits, at);
    }
};

}  // namespace unloop::inline v0

#endif
