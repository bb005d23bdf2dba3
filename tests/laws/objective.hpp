// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of objectives as a function that names what is broken; it needs no test framework and no model.
#ifndef UNLOOP_LAWS_OBJECTIVE_HPP
#define UNLOOP_LAWS_OBJECTIVE_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/core/random.hpp>

#include <algorithm>  // find
#include <cmath>      // abs, isfinite
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <string>     // names of broken laws
#include <vector>     // logits, broken laws

namespace laws {

/// What an objective claims.
struct objective_claims {
    std::size_t vocabulary = 40;       ///< tokens of the logits that it is tried on; more than any token it names
    std::size_t alternatives = 4;      ///< of the decisions that it is tried on
    bool is_of_distribution = true;    ///< the same when all logits rise by the same amount, as probabilities are
    double gradient_tolerance = 1e-3;  ///< of a derivative, against differences over 1/16 of a logit
};

namespace detail {

/// Logits in [-4, 4) times `size`, in steps that float32 holds exactly.
inline std::vector<float> some_logits(std::size_t vocabulary, std::uint64_t seed, float size) {
    unloop::random_sequence random(seed);
    std::vector<float> logits(vocabulary);
    for (float& logit : logits) logit = size * (static_cast<float>(random.below(512)) / 64 - 4);
    return logits;
}

/// A decision whose tokens are all different; `vocabulary` is larger than the number of alternatives.
inline unloop::decision some_decision(const objective_claims& claims, std::uint64_t seed) {
    unloop::random_sequence random(seed, 1);
    const std::size_t first = random.below(claims.vocabulary);
    unloop::decision at{5, static_cast<unloop::token_id>(first), {}};
    for (std::size_t i = 1; i <= claims.alternatives; ++i)
        at.alternatives.push_back(static_cast<unloop::token_id>((first + 7 * i) % claims.vocabulary));
    return at;
}

/// Derivatives by all logits, [vocabulary]; empty when a token is none of the vocabulary.
template <class Objective>
std::vector<double> dense_gradient(const Objective& objective, const std::vector<float>& logits,
                                   const unloop::decision& at) {
    std::vector<double> dense(logits.size());
    for (const unloop::logit_weight& weight : objective.gradient(logits, at)) {
        if (weight.token < 0 || static_cast<std::size_t>(weight.token) >= dense.size()) return {};
        dense[static_cast<std::size_t>(weight.token)] += weight.factor;
    }
    return dense;
}

/// Whether the gradient is what value changes by, the logits taken one by one.
template <class Objective>
bool is_derivative(const Objective& objective, std::vector<float> logits, const unloop::decision& at,
                   const std::vector<double>& gradient, double tolerance) {
    constexpr float step = 1.0F / 32;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const float kept = logits[i];
        logits[i] = kept + step;
        const double above = objective.value(logits, at);
        logits[i] = kept - step;
        const double below = objective.value(logits, at);
        logits[i] = kept;
        if (!(std::abs((above - below) / (2 * static_cast<double>(step)) - gradient[i]) <= tolerance)) return false;
    }
    return true;
}

}  // namespace detail

/// The broken laws of `objective`; empty if it keeps them all.
template <class Objective>
[[nodiscard]] std::vector<std::string> broken_objective_laws(const Objective& objective,
                                                             const objective_claims& claims = {}) {
    unloop::require_decision_objective<Objective>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    bool ever_points = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto logits = detail::some_logits(claims.vocabulary, seed, 1);
        const unloop::decision at = detail::some_decision(claims, seed);
        const double value = objective.value(logits, at);
        const auto gradient = detail::dense_gradient(objective, logits, at);
        demand(std::isfinite(value) &&
                   std::isfinite(objective.value(detail::some_logits(claims.vocabulary, seed, 256), at)),
               "finiteness: the value is finite where logits are, large ones included");
        demand(!gradient.empty(), "range: the gradient names tokens of the vocabulary");
        if (gradient.empty()) continue;
        demand(detail::is_derivative(objective, logits, at, gradient, claims.gradient_tolerance),
               "gradient: it is the derivative of the value");
        for (const double factor : gradient) ever_points = ever_points || factor != 0;
        demand(objective.value(logits, at) == value && detail::dense_gradient(objective, logits, at) == gradient,
               "purity: equal logits and decisions give equal values and gradients");
        if (claims.is_of_distribution) {
            auto raised = logits;
            for (float& logit : raised) logit += 2;
            demand(std::abs(objective.value(raised, at) - value) <= 1e-9 * (1 + std::abs(value)),
                   "distribution: raising all logits by the same amount changes nothing");
        }
    }
    demand(ever_points, "something: the gradient is not 0 everywhere");
    return broken;
}

}  // namespace laws

#endif
