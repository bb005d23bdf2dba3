// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which tokens go into the next pass: prompts wait in a queue for a free row, and enter it in chunks.
#ifndef UNLOOP_GENERATE_ROW_QUEUE_HPP
#define UNLOOP_GENERATE_ROW_QUEUE_HPP

#include <unloop/blocks/batch.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <span>       // passes
#include <vector>     // rows

namespace unloop::inline v0 {

/// Fills `rows` rows from a list of prompts. Every pass takes one token of each generating row and at most `chunk`
/// prompt tokens; the caller then calls `push` or `finish` for each row that wanted logits.
class row_queue {
  public:
    row_queue(std::span<const std::vector<token_id>> prompts, std::size_t rows, std::size_t max_tokens,
              std::size_t chunk)
        : prompts_(prompts), rows_(rows), max_tokens_(max_tokens), chunk_(std::max<std::size_t>(chunk, 1)) {
        pass_.reserve(rows + chunk_);
    }

    [[nodiscard]] state_size size_of_state() const noexcept {
        std::size_t longest = 1;
        for (const auto& prompt : prompts_) longest = std::max(longest, prompt.size());
        return {rows_.size(), longest + max_tokens_, rows_.size() + chunk_, rows_.size()};
    }
    [[nodiscard]] bool done() const noexcept { return finished_ == prompts_.size(); }
    [[nodiscard]] std::size_t finished() const noexcept { return finished_; }
    /// Index of the prompt that `row` works on.
    [[nodiscard]] std::size_t prompt_of(std::size_t row) const noexcept { return rows_[row].prompt; }

    /// The tokens of the next pass. `begin(row, prompt)` is called when a row takes up a prompt.
    template <class Begin>
    std::span<const batch_token> next_pass(const Begin& begin) {
        pass_.clear();
        std::size_t room = chunk_;
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            if (!rows_[r].active && waiting_ < prompts_.size()) {
                rows_[r] = {waiting_++, 0, 0, true};
                begin(r, rows_[r].prompt);
            }
            if (rows_[r].active) room -= feed(r, room);
        }
        return pass_;
    }
    /// `row` generated `token` and goes on.
    void push(std::size_t row, token_id token) noexcept { rows_[row].next = token; }
    /// `row` has ended; its place is free.
    void finish(std::size_t row) noexcept {
        rows_[row].active = false;
        ++finished_;
    }

  private:
    struct slot {
        std::size_t prompt = 0;
        std::size_t position = 0;  ///< tokens that are in the cache
        token_id next = 0;         ///< generated, not yet in the cache
        bool active = false;
    };

    /// Appends tokens of one row; returns how many of them came out of the prompt.
    std::size_t feed(std::size_t r, std::size_t room) {
        slot& row = rows_[r];
        const std::vector<token_id>& prompt = prompts_[row.prompt];
        const auto add = [&](token_id token, bool wants_logits) {
            pass_.push_back(
                {token, static_cast<std::int32_t>(r), static_cast<std::int32_t>(row.position), wants_logits});
            ++row.position;
        };
        if (row.position >= prompt.size()) return add(row.next, true), 0;
        const std::size_t count = std::min(room, prompt.size() - row.position);
        for (std::size_t i = 0; i < count; ++i) add(prompt[row.position], row.position + 1 == prompt.size());
        return count;
    }

    std::span<const std::vector<token_id>> prompts_;
    std::vector<slot> rows_;
    std::vector<batch_token> pass_;
    std::size_t max_tokens_;
    std::size_t chunk_;
    std::size_t waiting_ = 0;
    std::size_t finished_ = 0;
};

}  // namespace unloop::inline v0

#endif
