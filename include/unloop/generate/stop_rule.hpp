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
#include <tuple>        // several detectors
#include <utility>      // move

namespace unloop::inline v0 {

/// `std::optional<finding> observe(token, piece)` sees each generated token with the text that became certain with it
/// (empty inside a code point, and without a tokenizer), and returns a finding to end the row.
template <class Rule>
concept observes_answers = requires(Rule& rule, token_id token, std::string_view piece) {
    { rule.observe(token, piece) } -> std::same_as<std::optional<finding>>;
};

/// A value that is copied once a row; laws and examples: docs/concepts/stop_rule.md.
template <class Rule>
concept stop_rule = std::copyable<Rule> && observes_answers<Rule>;

/// Stops compilation with one sentence for each requirement of `stop_rule` that `Rule` does not meet.
template <class Rule>
constexpr void require_stop_rule() noexcept {
    static_assert(std::copyable<Rule>,
                  "stop_rule: needs copies, one for each answer that runs; see docs/concepts/stop_rule.md");
    static_assert(observes_answers<Rule>,
                  "stop_rule: needs std::optional<unloop::finding> observe(unloop::token_id, std::string_view piece); "
                  "see docs/concepts/stop_rule.md");
}

/// Runs to the budget or the end token.
struct never_stop {
    static std::optional<finding> observe(token_id /*token*/, std::string_view /*piece*/) noexcept { return {}; }
};
static_assert(stop_rule<never_stop>);

/// Detectors as a stop rule: each observes tokens, or pieces of text; the first finding ends the row.
template <class... Detectors>
class stop_at {
  public:
    explicit stop_at(Detectors... detectors) : detectors_(std::move(detectors)...) {}

    std::optional<finding> observe(token_id token, std::string_view piece) {
        std::optional<finding> found;
        const auto ask = [&](auto& detector) {
            auto own = [&] {
                if constexpr (requires { detector.observe(token); })
                    return detector.observe(token);
                else
                    return detector.observe(piece);
            }();
            if (!found) found = std::move(own);
        };
        std::apply([&](Detectors&... detectors) { (ask(detectors), ...); }, detectors_);
        return found;
    }

  private:
    std::tuple<Detectors...> detectors_;
};

}  // namespace unloop::inline v0

#endif
