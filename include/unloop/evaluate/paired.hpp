// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Before and after, paired by topic: how many topics got better, and how far the mean difference can be trusted.
#ifndef UNLOOP_EVALUATE_PAIRED_HPP
#define UNLOOP_EVALUATE_PAIRED_HPP

#include <unloop/core/expects.hpp>
#include <unloop/core/random.hpp>
#include <unloop/evaluate/rate.hpp>
#include <unloop/evaluate/sign_flip.hpp>

#include <algorithm>  // find_if, min, sort
#include <cmath>      // lgamma, exp
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <span>       // values
#include <string>     // topics
#include <vector>     // differences

namespace unloop::inline v0 {

/// A number of one topic, averaged over its wordings and seeds.
struct topic_pair {
    std::string topic;
    double before = 0;
    double after = 0;
    friend bool operator==(const topic_pair&, const topic_pair&) = default;
};

struct paired_difference {
    double mean = 0;                   ///< mean over topics of (after - before)
    interval bootstrap;                ///< middle 95 % of the means of topics drawn with replacement
    double permutation_p = 1.0;        ///< two-sided, by sign flips of topics: `sign_flip_p`
    std::size_t topics = 0;            ///< that were compared
    std::size_t raised = 0;            ///< topics with after > before
    std::size_t lowered = 0;           ///< topics with after < before
    double sign_test_p = 1.0;          ///< two-sided, topics without a difference left out
    std::vector<topic_pair> by_topic;  ///< in order of first appearance
};

struct paired_options {
    std::size_t draws = 2000;  ///< of the bootstrap
    std::uint64_t seed = 0;    ///< of bootstrap and sign flips
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

[[nodiscard]] inline std::vector<topic_pair> average_topics(std::span<const double> before,
                                                            std::span<const double> after,
                                                            std::span<const std::string> topics) {
    std::vector<topic_pair> pairs;
    std::vector<double> counts;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const auto found =
            std::find_if(pairs.begin(), pairs.end(), [&](const topic_pair& pair) { return pair.topic == topics[i]; });
        const auto k = static_cast<std::size_t>(found - pairs.begin());
        if (k == pairs.size()) pairs.push_back({topics[i], 0, 0}), counts.push_back(0);
        pairs[k].before += before[i], pairs[k].after += after[i];
        counts[k] += 1;
    }
    for (std::size_t k = 0; k < pairs.size(); ++k) pairs[k].before /= counts[k], pairs[k].after /= counts[k];
    return pairs;
}

[[nodiscard]] inline interval bootstrap_mean(std::span<const double> values, const paired_options& options) {
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
/// and seed. Topics are the units of tests and intervals: the wordings and seeds of one are averaged first, and whole
/// topics are drawn (a cluster bootstrap, Efron's percentile interval, 1979) or turned round. Reproducible by its seed.
/// O(draws x topics), and what `sign_flip_p` takes.
[[nodiscard]] inline paired_difference compare_by_topic(std::span<const double> before, std::span<const double> after,
                                                        std::span<const std::string> topics,
                                                        const paired_options& options = {}) {
    expects(before.size() == after.size() && before.size() == topics.size(),
            "compare_by_topic: before, after and topics belong to the same answers");
    expects(options.draws > 0, "compare_by_topic: at least one draw");
    paired_difference result;
    if (topics.empty()) return result;
    result.by_topic = detail::average_topics(before, after, topics);
    result.topics = result.by_topic.size();
    std::vector<double> differences;
    for (const topic_pair& pair : result.by_topic) differences.push_back(pair.after - pair.before);
    result.mean = average_of(differences).mean;
    for (const double difference : differences) {
        result.raised += difference > 0 ? 1 : 0;
        result.lowered += difference < 0 ? 1 : 0;
    }
    result.sign_test_p = detail::sign_test(std::min(result.raised, result.lowered), result.raised + result.lowered);
    result.permutation_p = sign_flip_p(differences, {.seed = options.seed});
    result.bootstrap = detail::bootstrap_mean(differences, options);
    return result;
}

}  // namespace unloop::inline v0

#endif
