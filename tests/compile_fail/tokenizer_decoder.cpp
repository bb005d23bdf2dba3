// expect: basic_tokenizer: the decoder needs static bytes(text, token_kind) and a `stream`
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A decoder whose stream cannot be finished.
#include <unloop/io/tokenizer.hpp>

#include <string>       // text
#include <string_view>  // bytes

struct decoder {
    static std::string bytes(std::string_view text, unloop::token_kind) { return std::string(text); }
    struct stream {
        void push(std::string_view bytes, unloop::token_kind, std::string& text) { text += bytes; }
    };
};

using tokenizer =
    unloop::basic_tokenizer<unloop::no_normalizer, unloop::word_splitter, unloop::bpe<unloop::byte_symbols>, decoder>;
std::size_t use(const tokenizer& with) { return with.size(); }
