// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Drafts: what another row has said already is expected of a row with the same past, and confirmed many tokens a pass.
#ifndef UNLOOP_GENERATE_DRAFT_HPP
#define UNLOOP_GENERATE_DRAFT_HPP

#include <unloop/core/ids.hpp>

#include <algorithm>  // equal, min
#include <cstddef>    // size_t
#include <span>       // pasts

namespace unloop::inline v0 {

/// Whom a row follows and how far it dares. A draft never changes an answer: the model chooses every token, and what it
/// did not choose is forgotten (Leviathan, Kalman, Matias: Fast inference from transformers via speculative decoding,
/// 2023; here the draft is another row's answer, and bits do not depend on how many tokens a pass takes).
struct draft {
    static constexpr std::size_t none = static_cast<std::size_t>(-1), unknown = none - 1;
    static constexpr std::size_t longest = 16;  ///< tokens that a row has in a pass

    std::size_t guide = unknown;  ///< the prompt whose answer is expected
    bool is_behind = false;       ///< the guide was taken up before this row
    std::size_t reach = 2;        ///< tokens a pass; doubles as long as the guide is right
    std::size_t tokens = 0;       ///< of the guide in the next pass
    std::size_t end = 0;          ///< of the past, if those of the last pass were right
    bool holds = false;           ///< until the guide is ahead

    [[nodiscard]] constexpr bool has_guide() const noexcept { return guide < unknown; }
    /// Tokens that a pass should have of the guide behind `said` tokens of the answer. Rows that follow one guide meet
    /// at multiples of `reach`, so that they compute what they have in common together.
    [[nodiscard]] constexpr std::size_t wanted(std::size_t said) const noexcept { return reach - 1 - said % reach; }
    /// The row has `past` tokens now.
    constexpr void confirm(std::size_t past) noexcept {
        if (tokens > 0 && past > end) reach = std::min(2 * reach, longest);
        tokens = 0;
    }
    /// The guide is `ahead` of the row, which has `said` tokens of its answer; whether it `may_hold` until the guide is
    /// as far ahead as is wanted. Of rows that are as far, none holds for one that was taken up later: so no rows hold
    /// for each other.
    constexpr void expect(std::size_t ahead, std::size_t said, bool may_hold) noexcept {
        holds = may_hold && ahead < wanted(said) && (ahead > 0 || is_behind);
        tokens = holds ? 0 : std::min(ahead, wanted(said));
    }
};

/// Whether `past` begins `other`, or is it.
[[nodiscard]] inline bool begins(std::span<const token_id> past, std::span<const token_id> other) noexcept {
    return past.size() <= other.size() && std::equal(past.begin(), past.end(), other.begin());
}

}  // namespace unloop::inline v0

#endif
