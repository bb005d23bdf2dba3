// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of stop rules as a function that names what is broken; it needs no test framework and no model.
#ifndef UNLOOP_LAWS_STOP_RULE_HPP
#define UNLOOP_LAWS_STOP_RULE_HPP

#include <unloop/generate/stop_rule.hpp>

#include <algorithm>    // find
#include <cstddef>      // size_t
#include <optional>     // findings
#include <span>         // answers
#include <string>       // names of broken laws
#include <string_view>  // pieces of text
#include <vector>       // broken laws

namespace laws {

/// What a rule sees of an answer at a time.
struct answer_step {
    unloop::token_id token = 0;
    std::string_view piece;
};

namespace detail {

/// Where a rule stops an answer, counted in steps, and why.
struct stop {
    std::size_t step = 0;
    std::optional<unloop::finding> why;
    friend bool operator==(const stop&, const stop&) = default;
};

/// Shows `rule` the answer until it stops it.
template <class Rule>
stop first_stop(Rule& rule, std::span<const answer_step> answer) {
    for (std::size_t i = 0; i < answer.size(); ++i)
        if (auto why = rule.observe(answer[i].token, answer[i].piece)) return {i, why};
    return {answer.size(), std::nullopt};
}

/// Whether copies made on the way, before and after the original went on, stop where the original does.
template <class Rule>
bool copies_are_their_own(const Rule& rule, std::span<const answer_step> answer) {
    Rule whole = rule;
    const std::size_t end = first_stop(whole, answer).step;
    for (std::size_t cut = 0; cut <= end && cut < answer.size(); ++cut) {
        Rule original = rule;
        for (const answer_step& seen : answer.first(cut)) original.observe(seen.token, seen.piece);
        Rule copy = original;
        const stop first = first_stop(copy, answer.subspan(cut)), second = first_stop(original, answer.subspan(cut));
        if (first != second || first.step + cut != end) return false;
    }
    return true;
}

}  // namespace detail

/// The broken laws of `rule`, which is new: `stopping` is an answer that it must stop, empty if there is none,
/// `passing` one that it must not.
template <class Rule>
[[nodiscard]] std::vector<std::string> broken_stop_rule_laws(const Rule& rule, std::span<const answer_step> stopping,
                                                             std::span<const answer_step> passing) {
    unloop::require_stop_rule<Rule>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    Rule first = rule, second = rule, third = rule;
    const detail::stop stopped = detail::first_stop(first, stopping);
    demand(!detail::first_stop(second, passing).why, "silence: an answer that should pass is not stopped");
    demand(stopped.why || stopping.empty(), "finding: an answer that should be stopped is");
    if (stopped.why)
        demand(stopped.why->start >= 0 && stopped.why->period >= 0 && stopped.why->copies >= 0 &&
                   stopped.why->evidence >= 0,
               "numbers: those of a finding are not negative");
    demand(detail::first_stop(third, stopping) == stopped,
           "determinism: equal copies stop equal answers at the same token, with the same finding");
    for (const auto answer : {stopping, passing})
        demand(detail::copies_are_their_own(rule, answer), "copies: each goes on where it was made, alone");
    return broken;
}

}  // namespace laws

#endif
