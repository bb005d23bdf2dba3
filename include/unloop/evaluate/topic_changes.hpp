// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What an edit changes, paired by topic: loops and distinct items, before and after.
#ifndef UNLOOP_EVALUATE_TOPIC_CHANGES_HPP
#define UNLOOP_EVALUATE_TOPIC_CHANGES_HPP

#include <unloop/core/expects.hpp>
#include <unloop/evaluate/answer_score.hpp>
#include <unloop/evaluate/paired.hpp>

#include <cstddef>  // size_t
#include <span>     // scores
#include <string>   // topics
#include <vector>   // numbers

namespace unloop::inline v0 {

/// `number(answer_score) -> double` of the same answers before and after, paired by topic. Score i is that of an answer
/// to probe i % probes. O(draws x topics).
template <class Number>
[[nodiscard]] paired_difference compare_scores(const probe_suite& suite, std::span<const answer_score> before,
                                               std::span<const answer_score> after, const Number& number,
                                               const bootstrap_options& options = {}) {
    expects(before.size() == after.size(), "compare: the same probes and seeds");
    std::vector<double> first, second;
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < before.size(); ++i) {
        first.push_back(number(before[i]));
        second.push_back(number(after[i]));
        topics.push_back(suite.probes[i % suite.probes.size()].topic);
    }
    return compare_by_topic(first, second, topics, options);
}

/// The two numbers that belong together: an edit can lower the first by lowering the second.
struct topic_changes {
    paired_difference loops;  ///< share of a topic's answers that loop: lower is better
    paired_difference items;  ///< distinct items an answer: higher is better
};

[[nodiscard]] inline topic_changes changes_by_topic(const probe_suite& suite, std::span<const answer_score> before,
                                                    std::span<const answer_score> after) {
    return {
        compare_scores(suite, before, after, [](const answer_score& s) { return is_loop(s.what) ? 1.0 : 0.0; }),
        compare_scores(suite, before, after, [](const answer_score& s) { return static_cast<double>(s.distinct); })};
}

}  // namespace unloop::inline v0

#endif
