// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which tokens go into the next pass: prompts wait in a queue for a free row, take from other rows what these have
// computed already, enter in chunks, and expect what others have said.
#ifndef UNLOOP_GENERATE_ROW_QUEUE_HPP
#define UNLOOP_GENERATE_ROW_QUEUE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/draft.hpp>
#include <unloop/generate/shared_pass.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // fill, max, min, stable_sort
#include <cstddef>    // size_t
#include <numeric>    // iota
#include <span>       // prompts
#include <vector>     // rows

namespace unloop::inline v0 {

/// Fills `rows` rows from a list of prompts. Every pass takes one token of each generating row and about `chunk` prompt
/// tokens, the same number of each row and at least one. With `drafts` a row that has said what another said before it
/// takes up to `draft::longest` tokens, and waits for the other to be ahead where many wait for it. For each token that
/// wanted logits, in the order of the pass, the caller asks `is_next`, and calls `push` or `finish` if it is.
class row_queue {
  public:
    row_queue(std::span<const std::vector<token_id>> prompts, std::size_t rows, std::size_t max_tokens,
              std::size_t chunk, bool drafts = false)
        : prompts_(prompts),
          pasts_(prompts.size()),
          order_(prompts.size()),
          rows_(rows),
          ended_(prompts.size()),
          followers_(drafts && rows > least_followers ? prompts.size() : 0),
          max_tokens_(max_tokens),
          chunk_(std::max<std::size_t>(chunk, 1)),
          pass_(rows, tokens_of_pass()) {
        fed_.reserve(rows);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
    }

    [[nodiscard]] state_size size_of_state(key_value_format format = key_value_format::f32) const noexcept {
        std::size_t longest = 1;
        for (const auto& prompt : prompts_) longest = std::max(longest, prompt.size());
        return {rows_.size(),
                longest + max_tokens_,
                tokens_of_pass(),
                rows_.size(),
                format,
                wanting_of_pass(),
                std::max(rows_.size() + chunk_, draft::longest)};
    }
    /// Before the first pass: prompts that begin alike follow each other.
    void bring_together() {
        std::stable_sort(order_.begin(), order_.end(),
                         [&](std::size_t a, std::size_t b) { return prompts_[a] < prompts_[b]; });
    }
    [[nodiscard]] bool done() const noexcept { return finished_ == prompts_.size(); }
    [[nodiscard]] std::size_t finished() const noexcept { return finished_; }
    /// Index of the prompt that `row` works on.
    [[nodiscard]] std::size_t prompt_of(std::size_t row) const noexcept { return rows_[row].prompt; }
    /// Prompt and generated tokens.
    [[nodiscard]] std::span<const token_id> past_of(std::size_t row) const noexcept { return pasts_[prompt_of(row)]; }

    /// The next pass. `begin(row, prompt)` is called when a row takes up a prompt; `own(prompt, other)` tells in which
    /// layers two prompts have to be computed apart, though their tokens be the same; `share(from, to, positions,
    /// held)` is `state.share_row`.
    template <class Begin, class Own, class Share>
    const shared_pass& next_pass(const decoder_state& state, const Begin& begin, const Own& own, const Share& share) {
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            if (!rows_[r].active && waiting_ < order_.size()) take_up(r, begin);
            // What was expected and did not come is not there.
            if (rows_[r].active) rows_[r].position = std::min(rows_[r].position, past_of(r).size() - 1);
        }
        if (expects_drafts()) find_guides();
        std::size_t entering = 0;
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            if (rows_[r].active && rows_[r].position == 0) take_prefix(r, state, own, share);
            if (rows_[r].active && !rows_[r].waits && left(r) > 1) ++entering;
        }
        const std::size_t each = std::max<std::size_t>(chunk_ / std::max<std::size_t>(entering, 1), 1);
        pass_.clear(), fed_.clear();
        for (std::size_t r = 0; r < rows_.size(); ++r)
            if (rows_[r].active && !rows_[r].waits && !rows_[r].expected.holds) feed(r, std::min(left(r), each), own);
        pass_.arrange();
        return pass_;
    }
    /// Whether what `fed`, a token of the pass, leads to is the next token of its row; it is not where the row has
    /// ended or said something else before.
    [[nodiscard]] bool is_next(const batch_token& fed) const noexcept {
        const auto row = static_cast<std::size_t>(fed.row), position = static_cast<std::size_t>(fed.position);
        return rows_[row].active && past_of(row).size() == position + 1 && past_of(row)[position] == fed.token;
    }
    /// `row` generated `token` and goes on.
    void push(std::size_t row, token_id token) { pasts_[prompt_of(row)].push_back(token); }
    /// `row` has ended; its place is free.
    void finish(std::size_t row) noexcept {
        rows_[row].position = std::min(rows_[row].position, past_of(row).size());
        rows_[row].active = false;
        ended_[prompt_of(row)] = true;
        ++finished_;
    }

  private:
    /// A shorter prefix is taken where there is one, but not waited for.
    static constexpr std::size_t least_awaited = 8;
    /// A row goes ahead alone, which costs nearly a row more, where at least so many save by following it.
    static constexpr std::size_t least_followers = 8;

    struct slot {
        std::size_t prompt = 0;
        std::size_t turn = 0;      ///< when it was taken up
        std::size_t position = 0;  ///< tokens that are in the cache
        bool active = false;
        bool waits = false;           ///< for another row to compute its prefix
        std::size_t previous = 0;     ///< the prompt before this one, whose past is still there while it waits
        std::size_t left_behind = 0;  ///< tokens of it
        draft expected = {};
    };

    [[nodiscard]] bool expects_drafts() const noexcept { return !followers_.empty(); }
    [[nodiscard]] std::size_t wanting_of_pass() const noexcept {
        return rows_.size() * (expects_drafts() ? draft::longest : 1);
    }
    [[nodiscard]] std::size_t tokens_of_pass() const noexcept { return wanting_of_pass() + chunk_; }

    [[nodiscard]] std::size_t left(std::size_t r) const noexcept { return past_of(r).size() - rows_[r].position; }

    template <class Begin>
    void take_up(std::size_t r, const Begin& begin) {
        const std::size_t prompt = order_[waiting_];
        rows_[r] = {prompt, waiting_++, 0, true, false, rows_[r].prompt, rows_[r].position, {}};
        pasts_[prompt].reserve(prompts_[prompt].size() + max_tokens_);
        pasts_[prompt].assign(prompts_[prompt].begin(), prompts_[prompt].end());
        begin(r, prompt);
    }

    /// Takes the longest prefix that a row of the same treatment has computed, or waits for a row that is about to.
    template <class Own, class Share>
    void take_prefix(std::size_t r, const decoder_state& state, const Own& own, const Share& share) {
        std::size_t longest = 0, held = 0, from = r;
        bool is_there = true;
        for (std::size_t q = 0; q < rows_.size(); ++q) {
            const slot& other = rows_[q];
            const std::size_t whose = q == r ? other.previous : other.prompt;
            const std::size_t there = q == r ? other.left_behind : other.position;
            const bool is_coming = q != r && other.active && other.turn < rows_[r].turn;
            if ((there == 0 && !is_coming) || own(rows_[r].prompt, whose) < no_layers) continue;
            const std::size_t common = std::min(left(r) - 1, common_length(past_of(r), prompts_[whose]));
            const bool has_it = there >= common && state.can_go_back(q, there, common);
            const bool will_have_it = is_coming && there < common && common >= least_awaited;
            if (common > longest && (has_it || will_have_it))
                longest = common, held = there, from = q, is_there = has_it;
        }
        rows_[r].waits = !is_there;
        if (rows_[r].waits || longest == 0) return;
        share(from, r, longest, held);
        rows_[r].position = longest;
    }

    /// Tokens of its answer that the row has so far.
    [[nodiscard]] std::size_t said(std::size_t r) const noexcept {
        return past_of(r).size() - prompts_[prompt_of(r)].size();
    }

    /// Whom rows follow, how many tokens they expect, and who holds until the guide is ahead.
    void find_guides() {
        std::fill(followers_.begin(), followers_.end(), std::size_t{0});
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            if (!rows_[r].active || said(r) == 0) continue;
            draft& row = rows_[r].expected;
            row.confirm(past_of(r).size());
            if (row.guide != draft::none && !is_right(r)) row = guide_of(r);
            if (row.has_guide()) ++followers_[row.guide];
        }
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            draft& row = rows_[r].expected;
            if (rows_[r].active && row.has_guide())
                row.expect(pasts_[row.guide].size() - past_of(r).size(), said(r),
                           !ended_[row.guide] && followers_[row.guide] >= least_followers);
        }
    }
    [[nodiscard]] bool is_right(std::size_t r) const noexcept {
        const draft& row = rows_[r].expected;
        const auto past = past_of(r);
        return row.has_guide() && past.size() <= pasts_[row.guide].size() &&
               pasts_[row.guide][past.size() - 1] == past.back();
    }
    /// Of those that have said what the row has, the one that has said most; of rows that are as far, the first that
    /// was taken up before.
    [[nodiscard]] draft guide_of(std::size_t r) const noexcept {
        const auto past = past_of(r);
        draft found{draft::none};
        std::size_t most = past.size();
        for (std::size_t turn = 0; turn < waiting_; ++turn) {
            const std::size_t other = order_[turn];
            const bool is_before = turn < rows_[r].turn;
            const bool is_as_far = pasts_[other].size() == past.size() && is_before && !ended_[other];
            if ((pasts_[other].size() > most || (!found.has_guide() && is_as_far)) && begins(past, pasts_[other]))
                found = {other, is_before}, most = pasts_[other].size();
        }
        return found;
    }

    template <class Own>
    void feed(std::size_t r, std::size_t count, const Own& own) {
        slot& row = rows_[r];
        const std::size_t known = past_of(r).size(), drafted = row.expected.tokens;
        const std::span<const token_id> past =
            drafted > 0 ? std::span<const token_id>(pasts_[row.expected.guide]).first(known + drafted) : past_of(r);
        row.position += pass_.add(r, past, row.position, count + drafted, known - 1,
                                  [&](std::size_t k) { return own(row.prompt, rows_[fed_[k]].prompt); });
        row.expected.end = row.position;
        fed_.push_back(r);
    }

    std::span<const std::vector<token_id>> prompts_;
    std::vector<std::vector<token_id>> pasts_;  // of the prompts that were taken up
    std::vector<std::size_t> order_;            // in which prompts get rows
    std::vector<slot> rows_;
    std::vector<bool> ended_;             // prompts
    std::vector<std::size_t> followers_;  // of prompts; none where nothing is expected
    std::vector<std::size_t> fed_;        // rows of the pass
    std::size_t max_tokens_;
    std::size_t chunk_;
    shared_pass pass_;
    std::size_t waiting_ = 0;
    std::size_t finished_ = 0;
};

}  // namespace unloop::inline v0

#endif
