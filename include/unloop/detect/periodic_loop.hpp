// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Finds exact loops in a stream of tokens: a block that repeats without a change.
#ifndef UNLOOP_DETECT_PERIODIC_LOOP_HPP
#define UNLOOP_DETECT_PERIODIC_LOOP_HPP

#include <unloop/core/expects.hpp>
#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/detect/evidence.hpp>
#include <unloop/detect/loop_detector.hpp>

#include <algorithm>  // fill, max
#include <array>      // one block of periods
#include <cstddef>    // size_t
#include <cstdint>    // int64_t
#include <limits>     // a need that is never met
#include <optional>   // a finding, or none
#include <vector>     // what was seen, sized once

namespace unloop::inline v0 {

/// Definition. After each token, for each period p from 1 to `largest_period`, take the longest end of the stream in
/// which every token equals the one p earlier. The smallest p is found whose end covers at least `rule(p)` tokens and
/// has no period smaller than p. (Without the last condition 80 dots, too few for a loop of one token, would be a loop
/// of five.) The finding holds from the first such token on, for as long as the block repeats; its `start` is the first
/// token of that end, `evidence` the tokens equal to the one a period earlier.
///
/// Cost of a token: one comparison and one count for each period, in vectors; no allocation after construction.
/// Memory: 16 bytes a period. At most 2^31 - 1 tokens between resets.
template <class EvidenceRule>
class basic_periodic_loop {
    static_assert(evidence_rule<EvidenceRule>,
                  "evidence_rule: needs std::int64_t operator()(std::int64_t period) const; see "
                  "docs/concepts/loop_detector.md");

  public:
    basic_periodic_loop() : basic_periodic_loop(128) {}
    explicit basic_periodic_loop(std::int64_t largest_period, const EvidenceRule& rule = {})
        : largest_period_(largest_period) {
        expects(largest_period > 0, "basic_periodic_loop: the largest period is positive");
        const std::size_t padded = (static_cast<std::size_t>(largest_period) + lanes - 1) / lanes * lanes;
        recent_.assign(2 * padded, no_token);
        matched_.assign(padded, 0);
        needed_.assign(padded, never);
        for (std::int64_t period = 1; period <= largest_period; ++period) {
            const std::int64_t tokens = rule(period);
            expects(tokens >= 2 * period && tokens < never, "evidence_rule: asks for two copies or more");
            needed_[static_cast<std::size_t>(period - 1)] = static_cast<std::int32_t>(tokens - period);
        }
    }

    [[nodiscard]] std::int64_t largest_period() const noexcept { return largest_period_; }

    void reset() noexcept {
        std::fill(recent_.begin(), recent_.end(), no_token);
        std::fill(matched_.begin(), matched_.end(), 0);
        newest_ = 0;
        count_ = 0;
    }

    /// Takes the next token, `token >= 0`.
    std::optional<finding> observe(token_id token) noexcept {
        expects(token >= 0, "periodic_loop: tokens are not negative");
        expects(count_ < never, "periodic_loop: at most 2^31 - 1 tokens between resets");
        const bool may_loop = count_matches(token);
        remember(token);
        return may_loop ? smallest_loop() : std::nullopt;
    }

  private:
    static constexpr token_id no_token = -1;
    static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();
    static constexpr std::size_t lanes = 16;  // a fixed count makes compilers use vectors at -O2 too

    bool count_matches(token_id token) noexcept {
        std::int32_t met = 0;
        for (std::size_t block = 0; block < matched_.size(); block += lanes) {
            const token_id* earlier = recent_.data() + newest_ + block;
            const std::int32_t* needed = needed_.data() + block;
            std::int32_t* matched = matched_.data() + block;
            std::array<std::int32_t, lanes> next;  // a local: nothing else can alias it
            for (std::size_t lane = 0; lane < lanes; ++lane)
                next[lane] = (matched[lane] + 1) & -static_cast<std::int32_t>(earlier[lane] == token);
            for (std::size_t lane = 0; lane < lanes; ++lane)
                met |= static_cast<std::int32_t>(next[lane] >= needed[lane]);
            std::copy(next.begin(), next.end(), matched);
        }
        return met != 0;
    }

    void remember(token_id token) noexcept {
        newest_ = (newest_ == 0 ? matched_.size() : newest_) - 1;
        recent_[newest_] = token;
        recent_[newest_ + matched_.size()] = token;
        ++count_;
    }

    [[nodiscard]] std::optional<finding> smallest_loop() const noexcept {
        std::int64_t longest = 0;  // end covered by a smaller period
        for (std::int64_t period = 1; period <= largest_period_; ++period) {
            const std::int64_t matches = matched_[static_cast<std::size_t>(period - 1)];
            const std::int64_t covered = matches + period;
            if (matches >= needed_[static_cast<std::size_t>(period - 1)] && covered > longest)
                return finding{loop_kind::periodic, count_ - covered, period, covered / period, matches};
            longest = std::max(longest, covered);
        }
        return std::nullopt;
    }

    std::int64_t largest_period_;
    std::int64_t count_ = 0;
    std::size_t newest_ = 0;             // recent_[newest_ + p - 1] is the token p before the next one
    std::vector<token_id> recent_;       // a ring, written twice so that every window is contiguous
    std::vector<std::int32_t> matched_;  // [p - 1]: tokens up to now, without a gap, equal to the one p earlier
    std::vector<std::int32_t> needed_;   // [p - 1]: matches that make a loop
};

/// Exact loops of up to 128 tokens a block: three copies and 96 tokens.
using periodic_loop = basic_periodic_loop<graded_evidence>;
static_assert(loop_detector<periodic_loop>);

}  // namespace unloop::inline v0

#endif
