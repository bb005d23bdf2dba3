// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// One answer judged: its outcome, and what it names.
#ifndef UNLOOP_EVALUATE_ANSWER_SCORE_HPP
#define UNLOOP_EVALUATE_ANSWER_SCORE_HPP

#include <unloop/core/error.hpp>
#include <unloop/evaluate/gold.hpp>
#include <unloop/evaluate/outcome.hpp>
#include <unloop/evaluate/probe_suite.hpp>

#include <cstddef>   // size_t
#include <optional>  // gold that may be absent
#include <span>      // answers
#include <vector>    // scores

namespace unloop::inline v0 {

/// One answer, judged.
struct answer_score {
    outcome what = outcome::still_open;
    bool ended = false;              ///< by the model itself
    std::size_t distinct = 0;        ///< items named
    std::size_t repeated = 0;        ///< items that had been named before
    std::size_t tokens = 0;          ///< the end token included
    std::optional<gold_score> gold;  ///< where the probe has gold items
    std::optional<rate> known = {};  ///< items named, of those that the unedited model knows; where some are known

    /// A process failure: known items that a looping answer leaves out. What it does not know no cure can name.
    [[nodiscard]] std::size_t process_failures() const noexcept {
        return known && is_loop(what) ? known->total - known->count : 0;
    }
};

namespace detail {

/// Answer i is one to probe i % probes, as is unedited answer i. Throws `error` for a cancelled run.
[[nodiscard]] inline std::vector<answer_score> score_answers(const probe_suite& suite, std::span<const record> answers,
                                                             std::span<const record> unedited) {
    std::vector<gold_list> gold;
    for (const probe& asked : suite.probes) gold.emplace_back(asked.gold);
    const outcome_rule<> rule;
    std::vector<answer_score> scores;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const record& answer = answers[i];
        if (answer.reason == stop_reason::cancelled) throw error("a cancelled run cannot be measured");
        const std::size_t n = i % suite.probes.size();
        const answer_items items = read_answer(answer.text, end_of(answer));
        std::optional<std::size_t> compared;
        if (!unedited.empty()) compared = read_answer(unedited[i].text, end_of(unedited[i])).distinct.size();
        scores.push_back({rule(answer, items, suite.probes[n].kind, compared),
                          answer.ended_naturally(),
                          items.distinct.size(),
                          items.repeated(),
                          answer.tokens.size(),
                          {}});
        if (gold[n].size() > 0) scores.back().gold = gold[n].score(items);
        if (const std::vector<bool>& known = suite.probes[n].known; !known.empty())
            if (const rate recall = gold[n].known_recall(items, known); recall.total > 0) scores.back().known = recall;
    }
    return scores;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
