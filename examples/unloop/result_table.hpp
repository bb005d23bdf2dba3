// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The table of results as a person reads it: one line an arm, each rate with its interval.
#ifndef UNLOOP_EXAMPLES_RESULT_TABLE_HPP
#define UNLOOP_EXAMPLES_RESULT_TABLE_HPP

#include <unloop/evaluate/measurement.hpp>

#include <span>    // arms
#include <string>  // text

namespace tool {

/// Loops, their kinds, distinct items, recall, endings, KL, copying; "-" where something was not measured.
[[nodiscard]] std::string result_table(std::span<const unloop::measurement> arms);

/// Beside the unedited answers, topic by topic: in how many there are fewer or more loops and items, the mean change
/// with its interval, and p of the sign-flip permutation test. Empty when nothing was compared.
[[nodiscard]] std::string paired_table(std::span<const unloop::measurement> arms);

/// The share of answers that do not loop up to a number of tokens, at four of them up to `max_tokens`, and the median
/// onset. Empty when nothing was measured.
[[nodiscard]] std::string onset_table(std::span<const unloop::measurement> arms, std::size_t max_tokens);

/// Known items named and process failures; empty when nobody asked what is known.
[[nodiscard]] std::string known_table(std::span<const unloop::measurement> arms);

/// ".67 [.47, .82]"
[[nodiscard]] std::string rate_text(const unloop::rate& from);

}  // namespace tool

#endif
