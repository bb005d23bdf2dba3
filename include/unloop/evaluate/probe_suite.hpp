// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Probe suites: prompts that are asked before and after an edit, by topic, with the items that a full answer names.
#ifndef UNLOOP_EVALUATE_PROBE_SUITE_HPP
#define UNLOOP_EVALUATE_PROBE_SUITE_HPP

#include <cstdint>      // uint8_t
#include <string>       // prompts
#include <string_view>  // names
#include <vector>       // probes

namespace unloop::inline v0 {

/// What a good answer is.
enum class probe_class : std::uint8_t {
    list,      ///< many items; the questions on which models loop
    question,  ///< anything with words in it that comes to an end; these must not get worse
};

[[nodiscard]] constexpr std::string_view name_of(probe_class kind) noexcept {
    return kind == probe_class::list ? "list" : "question";
}

/// What a suite or text may be used for. What one role has seen says nothing about another's result, so no topic and
/// no text stands in two.
enum class data_role : std::uint8_t {
    fit,     ///< attribution, fitting
    select,  ///< choosing among plans
    report,  ///< opened once, for a plan that is fixed
};

[[nodiscard]] constexpr std::string_view name_of(data_role role) noexcept {
    return role == data_role::fit ? "fit" : role == data_role::select ? "select" : "report";
}

/// One chat message to be answered.
struct probe {
    std::string prompt;
    std::string topic;              ///< probes of one topic are paired and resampled together
    std::string form;               ///< the wording, with {} for the topic; empty where there is none
    std::vector<std::string> gold;  ///< what a full answer names, alternatives as "sulfur|sulphur"; empty: not known
    probe_class kind = probe_class::list;
    std::vector<bool> known = {};  ///< by gold item, see `mark_known`; empty: not asked
};

/// What there is to name of a topic, all of it.
struct closed_list {
    std::string topic;
    std::string one;                       ///< a single one, with its article: "a state of the United States"
    std::string source;                    ///< who says so
    std::vector<std::string> items;        ///< alternatives as "sulfur|sulphur"
    std::vector<std::string> distractors;  ///< of the same type, and not on the list
};

struct probe_suite {
    std::string name;
    data_role role = data_role::report;
    std::vector<probe> probes;
    std::vector<closed_list> lists = {};  ///< of those topics that have one
};

}  // namespace unloop::inline v0

#endif
