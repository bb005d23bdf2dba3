// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a run leaves behind: prompt, tokens, text, log-probabilities, and why it ended. Knows no model.
#ifndef UNLOOP_GENERATE_RECORD_HPP
#define UNLOOP_GENERATE_RECORD_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>

#include <cstdint>      // uint64_t
#include <optional>     // a finding that may be absent
#include <string>       // text
#include <string_view>  // names
#include <vector>       // tokens

namespace unloop::inline v0 {

enum class stop_reason : std::uint8_t {
    length,     ///< the budget of tokens is used up
    end_token,  ///< the model ended its answer
    loop,       ///< the stop rule found a loop
    cancelled,  ///< the progress sink said so
};

[[nodiscard]] constexpr std::string_view name_of(stop_reason reason) noexcept {
    switch (reason) {
        case stop_reason::length:
            return "length";
        case stop_reason::end_token:
            return "end_token";
        case stop_reason::loop:
            return "loop";
        case stop_reason::cancelled:
            return "cancelled";
    }
    return "unknown";
}

/// One finished row.
struct record {
    std::uint64_t id = 0;                  ///< the row's own number; with the seed it decides the samples
    std::vector<token_id> prompt;          ///< as the model saw it
    std::vector<token_id> tokens;          ///< generated, the end token included when it came
    std::string text;                      ///< of the answer, without control tokens; empty without tokenizer
    std::vector<float> log_probabilities;  ///< of the generated tokens, natural logarithm; empty unless asked for
    stop_reason reason = stop_reason::length;
    std::optional<finding> loop;  ///< what the stop rule found
    std::string thought = {};     ///< text of the channels that a model thinks in; empty for most

    [[nodiscard]] bool ended_naturally() const noexcept { return reason == stop_reason::end_token; }
};

}  // namespace unloop::inline v0

#endif
