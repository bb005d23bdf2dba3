// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Scores of many records taken together: their mean, how far they agree in sign, and what one prompt decides.
#ifndef UNLOOP_ATTRIBUTE_SCORE_AGGREGATE_HPP
#define UNLOOP_ATTRIBUTE_SCORE_AGGREGATE_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/expects.hpp>

#include <algorithm>  // find, min
#include <cstddef>    // size_t
#include <utility>    // move
#include <vector>     // scores

namespace unloop::inline v0 {

/// Keeps the scores of each record. Records of one prompt, as of several seeds, are no independent witnesses: give them
/// the same number.
class score_aggregate {
  public:
    /// `scores` of a record of prompt number `prompt`.
    void add(target_scores scores, std::size_t prompt) {
        expects(records_.empty() || scores.layers() == records_.front().layers(),
                "score_aggregate: scores of one model");
        records_.push_back(std::move(scores));
        prompt_of_.push_back(prompt);
        if (std::find(prompts_.begin(), prompts_.end(), prompt) == prompts_.end()) prompts_.push_back(prompt);
    }

    [[nodiscard]] std::size_t records() const noexcept { return records_.size(); }
    /// The different prompts, in the order in which they came.
    [[nodiscard]] const std::vector<std::size_t>& prompts() const noexcept { return prompts_; }

    /// Over records. There must be one.
    [[nodiscard]] target_scores mean() const {
        return mean_where([](std::size_t) { return true; });
    }
    /// Over the records of all other prompts. There must be one.
    [[nodiscard]] target_scores mean_without(std::size_t prompt) const {
        return mean_where([&](std::size_t record) { return prompt_of_[record] != prompt; });
    }
    /// Share of the records whose score has the sign of the mean, by target; 0 where the mean is 0.
    [[nodiscard]] target_scores sign_share() const {
        const target_scores middle = mean();
        target_scores share = middle;
        for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
            for (std::size_t l = 0; l < share.layers(); ++l)
                for (std::size_t i = 0; i < share.of<Id>(l).size(); ++i) {
                    std::size_t agree = 0;
                    for (const target_scores& record : records_)
                        agree += record.of<Id>(l)[i] * middle.of<Id>(l)[i] > 0 ? 1U : 0U;
                    share.of<Id>(l)[i] = static_cast<double>(agree) / static_cast<double>(records_.size());
                }
        });
        return share;
    }
    /// Of the `count` best targets of a kind: the share that stays among the best when a prompt is left out, for the
    /// prompt on which they hang most. 1: no prompt decides. There must be two prompts.
    template <target_type Id>
    [[nodiscard]] double leave_one_prompt_out(std::size_t count) const {
        expects(prompts_.size() > 1, "leave_one_prompt_out: at least two prompts");
        const std::vector<Id> best = mean().best<Id>(count);
        if (best.empty()) return 1;
        double least = 1;
        for (const std::size_t prompt : prompts_) {
            const std::vector<Id> others = mean_without(prompt).best<Id>(count);
            std::size_t kept = 0;
            for (const Id& id : best) kept += std::find(others.begin(), others.end(), id) != others.end() ? 1U : 0U;
            least = std::min(least, static_cast<double>(kept) / static_cast<double>(best.size()));
        }
        return least;
    }

  private:
    template <class Include>
    [[nodiscard]] target_scores mean_where(const Include& include) const {
        expects(!records_.empty(), "score_aggregate: at least one record");
        target_scores sum(records_.front().all_dimensions());
        std::size_t count = 0;
        for (std::size_t record = 0; record < records_.size(); ++record)
            if (include(record)) sum += records_[record], ++count;
        expects(count > 0, "score_aggregate: a record of another prompt");
        return sum /= static_cast<double>(count);
    }

    std::vector<target_scores> records_;
    std::vector<std::size_t> prompt_of_, prompts_;
};

}  // namespace unloop::inline v0

#endif
