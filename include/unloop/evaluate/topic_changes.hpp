// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What an edit changes, paired by topic: loops, distinct items, and on closed lists what belongs there, before and
// after.
#ifndef UNLOOP_EVALUATE_TOPIC_CHANGES_HPP
#define UNLOOP_EVALUATE_TOPIC_CHANGES_HPP

#include <unloop/core/expects.hpp>
#include <unloop/evaluate/answer_score.hpp>
#include <unloop/evaluate/paired.hpp>

#include <cstddef>   // size_t
#include <optional>  // answers without a number
#include <span>      // scores
#include <string>    // topics
#include <vector>    // numbers

namespace unloop::inline v0 {

/// `number(answer_score) -> double`, or an optional one, of the same answers before and after, paired by topic; answers
/// without a number on either side are left out. Score i is that of an answer to probe i % probes. O(draws x topics).
template <class Number>
[[nodiscard]] paired_difference compare_scores(const probe_suite& suite, std::span<const answer_score> before,
                                               std::span<const answer_score> after, const Number& number,
                                               const paired_options& options = {}) {
    expects(before.size() == after.size(), "compare: the same probes and seeds");
    std::vector<double> first, second;
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::optional<double> left = number(before[i]), right = number(after[i]);
        if (!left || !right) continue;
        first.push_back(*left);
        second.push_back(*right);
        topics.push_back(suite.probes[i % suite.probes.size()].topic);
    }
    return compare_by_topic(first, second, topics, options);
}

/// Numbers that belong together: an edit can lower the first by lowering the others.
struct topic_changes {
    paired_difference loops;                        ///< share of a topic's answers that loop: lower is better
    paired_difference items;                        ///< distinct items an answer: higher is better
    std::optional<paired_difference> gold_items;    ///< distinct gold items an answer, over topics that have some
    std::optional<paired_difference> precision;     ///< share of gold items, over answers that name any
    std::optional<paired_difference> known_recall;  ///< share of known items named, over topics where some are known
};

[[nodiscard]] inline topic_changes changes_by_topic(const probe_suite& suite, std::span<const answer_score> before,
                                                    std::span<const answer_score> after,
                                                    const paired_options& options = {}) {
    using number = std::optional<double>;
    const auto compared = [&](const auto& of) { return compare_scores(suite, before, after, of, options); };
    const auto closed = [&](const auto& of) -> std::optional<paired_difference> {
        paired_difference change = compared(of);
        return change.topics > 0 ? std::optional(std::move(change)) : std::nullopt;
    };
    return {compared([](const answer_score& s) { return is_loop(s.what) ? 1.0 : 0.0; }),
            compared([](const answer_score& s) { return static_cast<double>(s.distinct); }),
            closed([](const answer_score& s) {
                return s.gold ? number(static_cast<double>(s.gold->recall.count)) : number();
            }),
            closed([](const answer_score& s) {
                return s.gold && s.gold->precision.total > 0 ? number(s.gold->precision.value()) : number();
            }),
            closed([](const answer_score& s) { return s.known ? number(s.known->value()) : number(); })};
}

}  // namespace unloop::inline v0

#endif
