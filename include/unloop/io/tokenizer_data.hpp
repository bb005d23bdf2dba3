// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// All that a tokenizer is made from, as plain data: what GGUF metadata and tokenizer.json both come down to.
#ifndef UNLOOP_IO_TOKENIZER_DATA_HPP
#define UNLOOP_IO_TOKENIZER_DATA_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>

#include <cstdint>      // token kinds are stored as integers
#include <optional>     // ids that a vocabulary may lack
#include <string>       // tokens
#include <string_view>  // a merge as files write it
#include <utility>      // pair
#include <vector>       // tokens, merges

namespace unloop::inline v0 {

/// What a token is for. The values are those of `tokenizer.ggml.token_type`.
enum class token_kind : std::int32_t {
    normal = 1,
    unknown = 2,       ///< stands for text that has no token
    control = 3,       ///< structure, not text: matched whole in a prompt, left out on request when decoding
    user_defined = 4,  ///< text that is always one token
    unused = 5,
    byte = 6,  ///< one raw byte, written <0xHH>
};

/// Two tokens' texts that become one token.
using merge_pair = std::pair<std::string, std::string>;

struct tokenizer_data {
    /// Algorithm with its normaliser and decoder, in GGUF's words. "gpt2": BPE over bytes. "gemma4": BPE over code
    /// points, spaces written U+2581, and bytes <0xHH> for what has no token.
    std::string model;
    std::string pre_tokenizer;  ///< how text is cut before merging, in GGUF's words: "smollm", "gpt-2"; empty: not
    std::vector<std::string> tokens;   ///< text by id, in the alphabet of the model
    std::vector<token_kind> kinds;     ///< by id; empty: all normal
    std::vector<merge_pair> merges;    ///< the first is applied first
    std::optional<token_id> bos;       ///< begins a text
    std::optional<token_id> eos;       ///< ends a text
    std::vector<token_id> ends;        ///< all that end an answer; empty: `eos` alone
    std::optional<token_id> turn_end;  ///< what the chat template closes a turn with; empty: `eos`
    std::optional<token_id> unknown;
    std::optional<token_id> padding;
    bool add_bos = false;       ///< whether encoding puts `bos` before
    bool add_eos = false;       ///< whether encoding puts `eos` after
    bool fuse_unknown = true;   ///< "gemma4": neighbours without a token are one `unknown`, not one each
    std::string chat_template;  ///< Jinja; empty: none
};

/// "left right" as GGUF and older tokenizer.json files write a merge; the first byte belongs to `left` even when it is
/// a space. Throws `error` if there are not two parts.
[[nodiscard]] inline merge_pair parse_merge(std::string_view text) {
    const auto space = text.find(' ', 1);
    if (space == std::string_view::npos || space + 1 == text.size())
        throw error("tokenizer: merge '" + std::string(text) + "' is not two tokens with a space between");
    return {std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
}

}  // namespace unloop::inline v0

#endif
