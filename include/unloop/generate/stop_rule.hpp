// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Stop rules: what ends a row early, beside its budget and the model's own end token.
#ifndef UNLOOP_GENERATE_STOP_RULE_HPP
#define UNLOOP_GENERATE_STOP_RULE_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>

#include <concepts>     // same_as
#include <optional>     // findings
#include <string_view>  // text pieces
#include <utility>      // move

namespace unloop::inline v0 {

/// A value that is copied once a row: `observe(token, piece)` sees each generated token with the text that became
/// certain with it (empty inside a code point, and without a tokenizer), and returns a finding to end the row.
template <class Rule>
concept stop_rule = std::copyable<Rule> && requires(Rule& rule, token_id token, std::string_view piece) {
    { rule.observe(token, piece) } -> std::same_as<std::optional<finding>>;
};

/// Runs to the budget or the end token.
struct never_stop {
    static std::optional<finding> observe(token_id /*token*/, std::string_view /*piece*/) noexcept { return {}; }
};
static_assert(stop_rule<never_stop>);

/// A detector as a stop rule: one that observes tokens, or one that observes pieces of text.
template <class Detector>
class stop_at {
  public:
    explicit stop_at(Detector detector) : detector_(std::move(detector)) {}
    std::optional<finding> observe(token_id token, std::string_view piece) {
        if constexpr (requires { detector_.observe(token); })
            return (void)piece, detector_.observe(token);
        else
            return (void)token, detector_.observe(piece);
    }

  private:
    Detector detector_;
};

}  // namespace unloop::inline v0

#endif
