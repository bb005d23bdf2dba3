// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads one text under several plans at once, what lies below their edits once for all, and hands out the logits of
// each, a few positions at a time.
#ifndef UNLOOP_EVALUATE_FORCED_RUN_HPP
#define UNLOOP_EVALUATE_FORCED_RUN_HPP

#include <unloop/core/expects.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/evaluate/forced_text.hpp>
#include <unloop/generate/shared_pass.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel/executor.hpp>

#include <algorithm>  // max, min
#include <cstddef>    // size_t
#include <span>       // arms, texts
#include <vector>     // logits

namespace unloop::inline v0 {

struct forced_options {
    std::size_t threads = 1;      ///< the calling one included
    std::size_t logit_rows = 64;  ///< most rows of logits in memory, each 4 bytes x vocabulary; at least one an arm
};

/// One row a plan, all with the same tokens. Each result is the same whatever the other arms and the chunk. Layers
/// below the first that a plan edits are computed once for all arms.
template <class Model>
class forced_run {
  public:
    /// Plan null: the model as it is. `longest`: tokens of the longest text; `chunk`: most positions of a pass.
    /// Throws `error` for a plan that names what the model lacks.
    forced_run(const Model& model, std::span<const plan* const> plans, std::size_t longest, std::size_t chunk)
        : model_(&model),
          arms_(plans.size()),
          tap_({plans.begin(), plans.end()}),
          state_(model.config(), {arms_, longest, arms_ * chunk, arms_ * chunk}),
          pass_(arms_, arms_ * chunk),
          logits_of_(arms_) {
        for (std::size_t arm = 0; arm < arms_; ++arm) {
            if (plans[arm]) check_plan(*plans[arm], model.config());
            tap_.begin_row(arm, arm);
        }
    }

    /// Reads tokens [first, last) of `text`, those before them having been read. Its very last token is left out:
    /// nothing is predicted from it.
    template <class Executor>
    void read(const forced_text& text, std::size_t first, std::size_t last, Executor& executor) {
        require_executor<Executor>();
        last = std::max(std::min(last, text.tokens.size() - 1), first);
        first_ = std::max(first, text.answer - 1);
        positions_ = std::max(last, first_) - first_;
        pass_.clear();
        for (std::size_t arm = 0; arm < arms_; ++arm)
            pass_.add(arm, text.tokens, first, last - first, first_,
                      [&](std::size_t other) { return tap_.own_layers(arm, other); });
        pass_.arrange();
        const matrix_view logits = model_->decoder().forward(state_, pass_.tokens(), pass_.joins(), executor, tap_);
        for (std::vector<std::span<const float>>& own : logits_of_) own.clear();
        std::size_t next = 0;
        for (const batch_token& token : pass_.tokens())
            if (token.wants_logits) logits_of_[static_cast<std::size_t>(token.row)].push_back(logits[next++]);
    }

    /// Of the latest `read`: tokens [predicted_from, predicted_from + predicted) of the text were predicted.
    [[nodiscard]] std::size_t predicted() const noexcept { return positions_; }
    [[nodiscard]] std::size_t predicted_from() const noexcept { return first_ + 1; }
    /// Logits for token `predicted_from() + i`, [vocabulary]; valid until the next `read`.
    [[nodiscard]] std::span<const float> logits(std::size_t arm, std::size_t i) const noexcept {
        return logits_of_[arm][i];
    }

  private:
    const Model* model_;
    std::size_t arms_;
    row_plans tap_;
    decoder_state state_;
    shared_pass pass_;
    std::vector<std::vector<std::span<const float>>> logits_of_;  // by arm and predicted token
    std::size_t first_ = 0;
    std::size_t positions_ = 0;
};

namespace detail {

[[nodiscard]] inline std::size_t longest_of(std::span<const forced_text> texts) noexcept {
    std::size_t longest = 1;
    for (const forced_text& text : texts) {
        expects(text.answer > 0 && text.answer < text.tokens.size(), "forced_text: 0 < answer < tokens");
        longest = std::max(longest, text.tokens.size());
    }
    return longest;
}

[[nodiscard]] inline std::size_t positions_a_pass(const forced_options& options, std::size_t arms) noexcept {
    return std::max<std::size_t>(options.logit_rows / std::max<std::size_t>(arms, 1), 1);
}

/// Reads every text with `run`; after each pass calls `look(text number)`. Stops when the sink says so.
template <executor Executor, class Look, class Progress, class Run>
void read_texts(std::span<const forced_text> texts, std::size_t chunk, Executor& executor, Progress& progress,
                const Look& look, Run& run) {
    require_progress_sink<Progress>();
    for (std::size_t n = 0; n < texts.size(); ++n) {
        if (!progress(progress_event{"texts", static_cast<std::int64_t>(n), static_cast<std::int64_t>(texts.size())}))
            throw error("reading the texts was cancelled");
        const std::size_t size = texts[n].tokens.size() - 1;  // nothing follows the last token
        for (std::size_t first = 0; first < size; first += chunk) {
            run.read(texts[n], first, std::min(first + chunk, size), executor);
            look(n);
        }
    }
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
