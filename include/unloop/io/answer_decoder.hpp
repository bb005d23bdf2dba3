// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Text of an answer whose tokens come one at a time, apart from the text of its thoughts.
#ifndef UNLOOP_IO_ANSWER_DECODER_HPP
#define UNLOOP_IO_ANSWER_DECODER_HPP

#include <unloop/core/ids.hpp>
#include <unloop/io/channels.hpp>
#include <unloop/io/stream_decoder.hpp>

#include <span>     // a prompt
#include <string>   // text
#include <utility>  // move

namespace unloop::inline v0 {

/// A `stream_decoder` without control tokens that knows channels (see channels.hpp): of a vocabulary without them all
/// is answer. The tokenizer must outlive it.
template <class Tokenizer>
class answer_decoder {
  public:
    struct texts {
        std::string answer;
        std::string thought;  ///< without the line that names the channel
    };

    /// The answer follows `prompt`, which may end inside a channel.
    explicit answer_decoder(const Tokenizer& tokenizer, std::span<const token_id> prompt = {})
        : decoder_(tokenizer, {.skip_special = true}), channels_(tokenizer.words(), prompt) {}

    /// The text that is certain after this token. Throws `error` for an id outside the vocabulary.
    [[nodiscard]] texts push(token_id id) {
        const bool was_inside = channels_.inside();
        if (channels_.push(id) != channel_tracker::part::marker) return sorted(decoder_.push(id), was_inside);
        texts rest = sorted(decoder_.finish(), was_inside);
        in_name_ = channels_.inside();
        return rest;
    }
    /// What is left when no token follows.
    [[nodiscard]] texts finish() { return sorted(decoder_.finish(), channels_.inside()); }

  private:
    texts sorted(std::string text, bool inside) {
        if (!inside) return {std::move(text), {}};
        if (in_name_) {
            const auto line = text.find('\n');
            in_name_ = line == std::string::npos;
            text.erase(0, in_name_ ? text.size() : line + 1);
        }
        return {{}, std::move(text)};
    }

    stream_decoder<Tokenizer> decoder_;
    channel_tracker channels_;
    bool in_name_ = false;  // a channel that the prompt opened has its name there
};

}  // namespace unloop::inline v0

#endif
