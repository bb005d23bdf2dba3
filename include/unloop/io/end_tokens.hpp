// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The tokens that end an answer, completed by what the chat template says.
#ifndef UNLOOP_IO_END_TOKENS_HPP
#define UNLOOP_IO_END_TOKENS_HPP

#include <unloop/core/ids.hpp>
#include <unloop/io/tokenizer_data.hpp>

#include <algorithm>    // find
#include <optional>     // a text that is no token
#include <string_view>  // texts of tokens

namespace unloop::inline v0 {

/// Adds the tokens with which a known chat template closes a turn (<turn|>, <|im_end|>) or waits for a tool
/// (<|tool_response>) to those that end an answer; the first kind also becomes `turn_end`. Files often name the end of
/// a text alone. O(tokens).
inline void add_turn_ends(tokenizer_data& data) {
    const auto id_of = [&](std::string_view text) -> std::optional<token_id> {
        if (data.chat_template.find(text) == std::string::npos) return std::nullopt;
        const auto found = std::find(data.tokens.begin(), data.tokens.end(), text);
        if (found == data.tokens.end()) return std::nullopt;
        return static_cast<token_id>(found - data.tokens.begin());
    };
    const auto add = [&](std::optional<token_id> id) {
        if (id && std::find(data.ends.begin(), data.ends.end(), *id) == data.ends.end()) data.ends.push_back(*id);
    };
    if (data.ends.empty()) add(data.eos);
    for (const std::string_view text : {"<turn|>", "<|im_end|>"})
        if (const auto id = id_of(text)) {
            data.turn_end = id;
            add(id);
        }
    add(id_of("<|tool_response>"));
}

}  // namespace unloop::inline v0

#endif
