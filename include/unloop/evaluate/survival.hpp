// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How long answers last before they loop: a survival curve, in which an answer that ends has not survived and not
// looped, but left.
#ifndef UNLOOP_EVALUATE_SURVIVAL_HPP
#define UNLOOP_EVALUATE_SURVIVAL_HPP

#include <unloop/evaluate/rate.hpp>

#include <algorithm>  // sort
#include <cmath>      // abs, exp, log, sqrt
#include <cstddef>    // size_t
#include <optional>   // a median that may not be reached
#include <span>       // answers
#include <vector>     // steps

namespace unloop::inline v0 {

/// What was seen of one answer: that its loop began after `tokens` tokens, or that until then, when it ended or was
/// cut, there was none.
struct lifetime {
    std::size_t tokens = 0;
    bool looped = false;
    friend constexpr bool operator==(const lifetime&, const lifetime&) = default;
};

/// At `tokens` some answers begin to loop; `share` do not loop up to there, that token included.
struct survival_step {
    std::size_t tokens = 0;
    std::size_t at_risk = 0;  ///< answers that had neither looped nor left before
    std::size_t loops = 0;
    double share = 1;
    interval range;  ///< 95 %, log-log; [0, 1] where the share is 0
    friend constexpr bool operator==(const survival_step&, const survival_step&) = default;
};

struct survival_curve {
    std::vector<survival_step> steps;  ///< ascending; before the first the share is 1
    std::size_t answers = 0;
    std::size_t censored = 0;  ///< that ended or were cut without a loop

    [[nodiscard]] double share_at(std::size_t tokens) const noexcept {
        double share = 1;
        for (const survival_step& step : steps)
            if (step.tokens <= tokens) share = step.share;
        return share;
    }
    /// First number of tokens by which half loop, if half ever do.
    [[nodiscard]] std::optional<std::size_t> median() const noexcept {
        for (const survival_step& step : steps)
            if (step.share <= 0.5) return step.tokens;
        return std::nullopt;
    }
    friend bool operator==(const survival_curve&, const survival_curve&) = default;
};

/// The product-limit estimate with ends as censoring: at each onset the share is multiplied by (1 - loops / at risk).
/// An answer that leaves at the very token of an onset is still at risk there. Intervals by Greenwood's variance on the
/// scale of log(-log share). (Kaplan and Meier, "Nonparametric estimation from incomplete observations", JASA 1958;
/// Kalbfleisch and Prentice, 1980.) It supposes that answers which end are like those that go on: an edit that ends the
/// very answers that would loop is not seen here, but in the outcome "ended early". O(n log n).
[[nodiscard]] inline survival_curve kaplan_meier(std::span<const lifetime> seen) {
    std::vector<lifetime> sorted(seen.begin(), seen.end());
    std::sort(sorted.begin(), sorted.end(), [](const lifetime& a, const lifetime& b) { return a.tokens < b.tokens; });
    survival_curve curve;
    curve.answers = sorted.size();
    double share = 1, greenwood = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        const std::size_t at_risk = sorted.size() - i, tokens = sorted[i].tokens;
        std::size_t loops = 0;
        for (; i < sorted.size() && sorted[i].tokens == tokens; ++i) loops += sorted[i].looped ? 1 : 0;
        curve.censored += at_risk - (sorted.size() - i) - loops;
        if (loops == 0) continue;
        const auto risk = static_cast<double>(at_risk), gone = static_cast<double>(loops);
        share *= 1 - gone / risk;
        interval range{0, 1};
        if (loops < at_risk) {
            greenwood += gone / (risk * (risk - gone));
            const double half = two_sided_95 * std::sqrt(greenwood) / std::abs(std::log(share));
            range = {std::exp(std::log(share) * std::exp(half)), std::exp(std::log(share) * std::exp(-half))};
        }
        curve.steps.push_back({tokens, at_risk, loops, share, range});
    }
    return curve;
}

}  // namespace unloop::inline v0

#endif
