// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The loops of a suite of probes as recorded runs: what attribution explains.
#ifndef UNLOOP_SEARCH_LOOPING_RUNS_HPP
#define UNLOOP_SEARCH_LOOPING_RUNS_HPP

#include <unloop/attribute/decisions.hpp>
#include <unloop/search/loop_records.hpp>

#include <cstddef>  // size_t
#include <utility>  // move
#include <vector>   // runs

namespace unloop::inline v0 {

/// Answers that looped.
struct looping_runs {
    std::size_t answers = 0;                     ///< probes asked
    std::vector<std::vector<token_id>> prompts;  ///< of those that looped
    std::vector<recorded_run> runs;              ///< the first of them that have a decision to explain
};

/// Asks the probes of a suite until each answer loops, greedily, and records at most `most_runs` of those that do.
template <class Model, class Executor, class Progress>
[[nodiscard]] looping_runs record_loops(const Model& model, const probe_suite& suite, const generation_options& how,
                                        std::size_t most_runs, Executor& executor, Progress& progress) {
    const plan* const unedited = nullptr;
    const std::vector<record> records =
        answers_until_loop(model, encode_suite(model, suite), std::span(&unedited, 1), how, progress);
    looping_runs found;
    found.answers = records.size();
    for (const record& row : records) {
        if (row.reason != stop_reason::loop) continue;
        found.prompts.push_back(row.prompt);
        if (found.runs.size() == most_runs) continue;
        if (auto run = find_decisions(model, row, executor)) found.runs.push_back(std::move(*run));
    }
    return found;
}

}  // namespace unloop::inline v0

#endif
