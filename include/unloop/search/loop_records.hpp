// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The records from which a loop is explained: answers that loop, stopped where the loop was found.
#ifndef UNLOOP_SEARCH_LOOP_RECORDS_HPP
#define UNLOOP_SEARCH_LOOP_RECORDS_HPP

#include <unloop/attribute/decisions.hpp>
#include <unloop/core/error.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/edit/generate_candidates.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/generate/generate.hpp>

#include <algorithm>  // count_if
#include <cstddef>    // size_t
#include <span>       // plans
#include <vector>     // records

namespace unloop::inline v0 {

/// Ends a row at its first sign of a loop: the lenient rule of a cut answer, or a list that collapses.
[[nodiscard]] inline auto stop_at_loops() { return stop_at(periodic_loop(128, evidence_at_cut), list_collapse{}); }

/// Greedy answers to `prompts` under each of `plans` (null: unedited), stopped at loops; [plan * prompts + prompt].
/// Throws `error` when cancelled.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<record> answers_until_loop(const Model& model, std::span<const std::vector<token_id>> prompts,
                                                     std::span<const plan* const> plans,
                                                     const generation_options& options, Progress&& progress = {}) {
    std::vector<record> answers =
        generate_candidates(model, prompts, plans, options, greedy{}, stop_at_loops(), progress).records;
    for (const record& answer : answers)
        if (answer.reason == stop_reason::cancelled) throw error("cancelled");
    return answers;
}

/// How many of the records [first, first + count) were stopped at a loop.
[[nodiscard]] inline std::size_t count_loops(std::span<const record> records) {
    return static_cast<std::size_t>(std::count_if(records.begin(), records.end(),
                                                  [](const record& row) { return row.reason == stop_reason::loop; }));
}

/// Prompts of a suite in the model's chat format.
template <class Model>
[[nodiscard]] std::vector<std::vector<token_id>> encode_suite(const Model& model, const probe_suite& suite) {
    std::vector<std::vector<token_id>> prompts;
    for (const probe& asked : suite.probes) prompts.push_back(encode_prompt(model, chat{asked.prompt}));
    return prompts;
}

}  // namespace unloop::inline v0

#endif
