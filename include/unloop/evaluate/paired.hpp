// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Before and after, paired by topic: how many topics got better, and how far the mean difference can be trusted.
#ifndef UNLOOP_EVALUATE_PAIRED_HPP
#define UNLOOP_EVALUATE_PAIRED_HPP

#include <unloop/core/expects.hpp>
#include <unloop/core/random.hpp>
#include <unloop/evaluate/rate.hpp>

#include <algorithm>  // find, min, sort
#include <cmath>      // lgamma, exp
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <span>       // values
#include <string>     // topics
#include <vector>     // differences

namespace unloop::inline v0 {

struct paired_difference {
    double mean = 0;           ///< mean over topics of (after - before)
    interval bootstrap;        ///< middle 95 % of the means of topics drawn with replacement
    std::size_t topics = 0;    ///< that were compared
    std::size_t raised = 0;    ///< topics with after > before
    std::size_t lowered = 0;   ///< topics with after < before
    double sign_test_p = 1.0;  ///< two-sided, topics without a difference left out
};

struct bootstrap_options {
    std::size_t draws = 2000;
    std::uint64_t seed = 0;
};

namespace detail {

/// Two-sided p of `fewer` or less of n fair coins, fewer <= n / 2.
[[nodiscard]] inline double sign_test(std::size_t fewer, std::size_t n) noexcept {
    double tail = 0;
    const auto log_factorial = [](std::size_t k) { return std::lgamma(static_cast<double>(k) + 1); };
    for (std::size_t k = 0; k <= fewer; ++k)
        tail += std::exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) -
                         static_cast<double>(n) * 0.693147180559945309);
    return std::min(1.0, 2 * tail);
}

/// Mean of after - before for each topic, in order of first appearance.
[[nodiscard]] inline std::vector<double> topic_differences(std::span<const double> before,
                                                           std::span<const double> after,
                                                           std::span<const std::string> topics) {
    std::vector<std::string> names;
    std::vector<double> sums, counts;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const auto k = static_cast<std::size_t>(std::find(names.begin(), names.end(), topics[i]) - names.begin());
        if (k == names.size()) names.push_back(topics[i]), sums.push_back(0), counts.push_back(0);
        sums[k] += after[i] - before[i];
        counts[k] += 1;
    }
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] /= counts[k];
    return sums;
}

[[nodiscard]] inline interval bootstrap_mean(std::span<const double> values, const bootstrap_options& options) {
    std::vector<double> means;
    for (std::size_t draw = 0; draw < options.draws; ++draw) {
        random_sequence random(options.seed, draw);
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += values[random.below(values.size())];
        means.push_back(sum / static_cast<double>(values.size()));
    }
    std::sort(means.begin(), means.end());
    const std::size_t cut = options.draws / 40;  // 2.5 % on either side
    return {means[cut], means[options.draws - 1 - cut]};
}

}  // namespace detail

/// Compares a number an answer (a rate's 0 or 1, items, tokens) before and after; entry i of the three is one prompt
/// and seed. Topics are the units: the wordings and seeds of one are averaged first. Descriptive; the bootstrap is
/// Efron's percentile interval (1979), reproducible by its seed. O(draws x topics).
[[nodiscard]] inline paired_difference compare_by_topic(std::span<const double> before, std::span<const double> after,
                                                        std::span<const std::string> topics,
                                                        const bootstrap_options& options = {}) {
    expects(before.size() == after.size() && before.size() == topics.size(),
            "compare_by_topic: before, after and topics belong to the same answers");
    expects(options.draws > 0, "compare_by_topic: at least one draw");
    paired_difference result;
    if (topics.empty()) return result;
    const std::vector<double> differences = detail::topic_differences(before, after, topics);
    result.topics = differences.size();
    result.mean = average_of(differences).mean;
    for (const double difference : differences) {
        result.raised += difference > 0 ? 1 : 0;
        result.lowered += difference < 0 ? 1 : 0;
    }
    result.sign_test_p = detail::sign_test(std::min(result.raised, result.lowered), result.raised + result.lowered);
    result.bootstrap = detail::bootstrap_mean(differences, options);
    return result;
}

}  // namespace unloop::inline v0

#endif
