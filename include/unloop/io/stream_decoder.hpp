// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Text of tokens that come one at a time.
#ifndef UNLOOP_IO_STREAM_DECODER_HPP
#define UNLOOP_IO_STREAM_DECODER_HPP

#include <unloop/core/ids.hpp>
#include <unloop/io/tokenizer.hpp>

#include <string>  // text

namespace unloop::inline v0 {

/// Text of tokens that come one at a time, in whole code points, so that every part can be shown or searched at once.
/// All parts together are what `decode` gives. The tokenizer must outlive it.
template <class Tokenizer>
class stream_decoder {
  public:
    explicit stream_decoder(const Tokenizer& tokenizer, decode_options options = {})
        : tokenizer_(&tokenizer), options_(options), stream_(tokenizer.begin_text()) {}

    /// The text that is certain after this token; empty inside a code point, or (byte fallback) inside a run of bytes.
    /// Throws `error` for an id outside the vocabulary, and is then as before.
    [[nodiscard]] std::string push(token_id id) {
        std::string text;
        const auto bytes = tokenizer_->token_bytes(id);
        if (!options_.skip_special || !tokenizer_->is_special(id))
            stream_.push(bytes, tokenizer_->words().kind(id), text);
        return text;
    }
    /// What is left when no token follows: mostly nothing; U+FFFD for an incomplete code point. Ready for a new text.
    [[nodiscard]] std::string finish() {
        std::string text;
        stream_.finish(text);
        return text;
    }

  private:
    const Tokenizer* tokenizer_;
    decode_options options_;
    typename Tokenizer::text_stream stream_;
};

}  // namespace unloop::inline v0

#endif
