// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How many periodic tokens make a loop of a given period: the policy of `basic_periodic_loop`.
#ifndef UNLOOP_DETECT_EVIDENCE_HPP
#define UNLOOP_DETECT_EVIDENCE_HPP

#include <algorithm>  // max
#include <concepts>   // convertible_to
#include <cstdint>    // int64_t

namespace unloop::inline v0 {

/// A callable that tells how many tokens a repeated block of `period` tokens must cover, its first copy included,
/// before it counts as a loop: at least two copies. Asked once a period, when the detector is made.
template <class Rule>
concept evidence_rule = requires(const Rule& rule, std::int64_t period) {
    { rule(period) } -> std::convertible_to<std::int64_t>;
};

/// At least `copies` copies and at least `tokens` tokens, so that shorter blocks need more copies. The defaults let
/// pass what other engines cut and had to make good: dot leaders (one token, up to 95 times), separator rows of
/// tables, arrays of up to 23 equal values of four tokens, seven equal JSON objects of twelve.
struct graded_evidence {
    std::int64_t copies = 3;
    std::int64_t tokens = 96;
    [[nodiscard]] constexpr std::int64_t operator()(std::int64_t period) const noexcept {
        return std::max(copies * period, tokens);
    }
};

/// For judging the end of an answer that was cut off: that it never ended speaks for a loop too, so less is asked.
inline constexpr graded_evidence evidence_at_cut{.copies = 3, .tokens = 36};

}  // namespace unloop::inline v0

#endif
