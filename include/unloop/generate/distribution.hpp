// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// From logits to probabilities and to a drawn token, in double and in ascending order of ids.
#ifndef UNLOOP_GENERATE_DISTRIBUTION_HPP
#define UNLOOP_GENERATE_DISTRIBUTION_HPP

#include <unloop/core/ids.hpp>

#include <array>     // sums on the way
#include <cmath>     // exp, isfinite
#include <cstddef>   // size_t
#include <optional>  // no token left
#include <span>      // logits
#include <vector>    // probabilities

namespace unloop::inline v0 {

/// exp(logit - largest logit): 1 for the most probable token, 0 for banned ones and for those whose logit is no number.
class relative_probability {
  public:
    explicit relative_probability(std::span<const float> logits) {
        for (const float logit : logits)
            if (static_cast<double>(logit) > largest_) largest_ = static_cast<double>(logit);  // never of a NaN
    }

    /// Whether a token is left that is not banned.
    [[nodiscard]] bool any() const noexcept { return !std::isinf(largest_); }
    [[nodiscard]] double operator()(float logit) const noexcept {
        return any() && std::isfinite(logit) ? std::exp(static_cast<double>(logit) - largest_) : 0.0;
    }

  private:
    double largest_ = -HUGE_VAL;
};

/// softmax(logits), summed in ascending order of ids.
[[nodiscard]] inline std::vector<double> probabilities_of(std::span<const float> logits) {
    const relative_probability weight(logits);
    std::vector<double> weights(logits.size());
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) sum += weights[i] = weight(logits[i]);
    if (sum > 0)
        for (double& one : weights) one /= sum;
    return weights;
}

namespace detail {
/// The highest id that is not banned.
[[nodiscard]] inline std::optional<token_id> last_possible(std::span<const float> logits,
                                                           const relative_probability& weight) {
    for (std::size_t i = logits.size(); i-- > 0;)
        if (weight(logits[i]) > 0) return static_cast<token_id>(i);
    return std::nullopt;
}
}  // namespace detail

/// The token whose interval of the cumulative distribution, ids ascending, holds `uniform` from [0, 1); empty when
/// every token is banned. O(vocabulary), without memory of its own.
[[nodiscard]] inline std::optional<token_id> draw_token(std::span<const float> logits, double uniform) {
    const relative_probability weight(logits);
    // The cumulative sum at the beginning of each part: only one part is summed twice.
    std::array<double, 128> before{};
    const std::size_t part = logits.size() / before.size() + 1;
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        if (i % part == 0) before[i / part] = sum;
        sum += weight(logits[i]);
    }
    const double wanted = uniform * sum;
    std::size_t found = logits.empty() ? 0 : (logits.size() - 1) / part;
    while (found > 0 && wanted < before[found]) --found;
    double below = before[found];
    std::optional<token_id> latest;  // rounding can put `wanted` at the sum itself
    for (std::size_t i = found * part; i < logits.size(); ++i) {
        const double own = weight(logits[i]);
        if (own == 0) continue;
        latest = static_cast<token_id>(i);
        below += own;
        if (wanted < below) return latest;
    }
    return latest ? latest : detail::last_possible(logits, weight);
}

}  // namespace unloop::inline v0

#endif
