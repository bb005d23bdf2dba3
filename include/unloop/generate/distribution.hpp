// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// From logits to probabilities and to a drawn token, in double and in ascending order of ids.
#ifndef UNLOOP_GENERATE_DISTRIBUTION_HPP
#define UNLOOP_GENERATE_DISTRIBUTION_HPP

#include <unloop/core/ids.hpp>

#include <algorithm>  // max_element
#include <cmath>      // exp
#include <cstddef>    // size_t
#include <optional>   // no token left
#include <span>       // logits
#include <vector>     // probabilities

namespace unloop::inline v0 {

/// exp(logit - largest logit): 1 for the most probable token, 0 for banned ones; all 0 when every token is banned.
[[nodiscard]] inline std::vector<double> relative_probabilities(std::span<const float> logits) {
    std::vector<double> weights(logits.size());
    const double largest = logits.empty() ? 0.0 : *std::max_element(logits.begin(), logits.end());
    if (std::isinf(largest)) return weights;
    for (std::size_t i = 0; i < logits.size(); ++i) weights[i] = std::exp(logits[i] - largest);
    return weights;
}

/// softmax(logits), summed in ascending order of ids.
[[nodiscard]] inline std::vector<double> probabilities_of(std::span<const float> logits) {
    std::vector<double> weights = relative_probabilities(logits);
    double sum = 0;
    for (const double weight : weights) sum += weight;
    if (sum > 0)
        for (double& weight : weights) weight /= sum;
    return weights;
}

/// The token whose interval of the cumulative distribution, ids ascending, holds `uniform` from [0, 1); empty when
/// every token is banned.
[[nodiscard]] inline std::optional<token_id> draw_token(std::span<const float> logits, double uniform) {
    const std::vector<double> weights = relative_probabilities(logits);
    double sum = 0;
    for (const double weight : weights) sum += weight;
    const double wanted = uniform * sum;
    double below = 0;
    std::optional<token_id> latest;  // rounding can put `wanted` at the sum itself
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] == 0) continue;
        latest = static_cast<token_id>(i);
        below += weights[i];
        if (wanted < below) break;
    }
    return latest;
}

}  // namespace unloop::inline v0

#endif
