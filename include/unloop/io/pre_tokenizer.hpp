// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Cuts text into the pieces inside which tokens may be merged: the words of GPT-2, with single digits where a family
// wants them.
#ifndef UNLOOP_IO_PRE_TOKENIZER_HPP
#define UNLOOP_IO_PRE_TOKENIZER_HPP

#include <unloop/core/error.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/unicode.hpp>
#include <unloop/io/utf8.hpp>

#include <cstddef>      // size_t
#include <string>       // names in messages
#include <string_view>  // pieces

namespace unloop::inline v0 {

/// Class and length in bytes of what stands at a place of a text. A byte that is not UTF-8 is `other`, by itself.
struct classified {
    character_class value = character_class::other;
    std::size_t length = 1;
};

[[nodiscard]] constexpr classified classify(std::string_view text, std::size_t at) noexcept {
    const auto step = decode_utf8(text, at);
    if (step.status != utf8_status::complete) return {};
    return {class_of(step.code_point), step.length};
}

/// Where the word that begins at byte `at` < text.size() ends. Words are the leftmost matches of the expression
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// whose alternatives are tried in that order: of several spaces before a word, the last one stays with the word or
/// by itself. Linear in the length of the word (spaces: in the length of their run).
[[nodiscard]] constexpr std::size_t word_end(std::string_view text, std::size_t at) noexcept {
    if (text[at] == '\'')
        for (const std::string_view suffix : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
            if (text.substr(at).starts_with(suffix)) return at + suffix.size();
    std::size_t first = at;
    if (text[at] == ' ' && at + 1 < text.size() && classify(text, at + 1).value != character_class::space) ++first;
    const auto value = classify(text, first).value;
    std::size_t last = first;  // where the last character of the run begins
    std::size_t end = first;
    while (end < text.size()) {
        const auto next = classify(text, end);
        if (next.value != value) break;
        last = end;
        end += next.length;
    }
    return value == character_class::space && end < text.size() && last > first ? last : end;
}

/// Pre-tokenizer that cuts nothing: tokens may be merged across words and lines.
struct whole_text {
    /// Throws `error` if `data` asks for a cut.
    explicit whole_text(const tokenizer_data& data) {
        if (!data.pre_tokenizer.empty() && data.pre_tokenizer != "gemma4")
            throw error("tokenizer: unknown pre-tokenizer '" + data.pre_tokenizer + "' (known: none, gemma4)");
    }
    /// One piece, or none if `text` is empty.
    template <class Emit>
    constexpr void operator()(std::string_view text, Emit&& emit) const {
        if (!text.empty()) emit(text);
    }
};

/// Pre-tokenizer of byte-level BPE. Pieces in order, together the whole text, none empty.
/// Equal to the tokenizers package 0.23 but for 13 code points (U+11DE0 .. 11DE9, U+16FF4 .. 16FF6) that its Digits
/// part takes from a newer Unicode than its expression.
class word_splitter {
  public:
    /// `single_numbers`: every code point of category N is cut out first, and what lies between is text of its own
    /// (so spaces before a digit do not see it).
    explicit constexpr word_splitter(bool single_numbers) noexcept : single_numbers_(single_numbers) {}
    /// "smollm" cuts numbers out, "gpt-2" does not. Throws `error` for another name.
    explicit word_splitter(const tokenizer_data& data) : single_numbers_(data.pre_tokenizer == "smollm") {
        if (!single_numbers_ && data.pre_tokenizer != "gpt-2")
            throw error("tokenizer: unknown pre-tokenizer '" + data.pre_tokenizer + "' (known: smollm, gpt-2)");
    }

    /// Calls `emit(std::string_view)` with every piece. Linear in `text`.
    template <class Emit>
    constexpr void operator()(std::string_view text, Emit&& emit) const {
        std::size_t begin = 0;
        if (single_numbers_)
            for (std::size_t at = 0; at < text.size();) {
                const auto [value, length] = classify(text, at);
                if (value == character_class::number) {
                    words(text.substr(begin, at - begin), emit);
                    emit(text.substr(at, length));
                    begin = at + length;
                }
                at += length;
            }
        words(text.substr(begin), emit);
    }

  private:
    template <class Emit>
    static constexpr void words(std::string_view text, Emit& emit) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = word_end(text, at);
            emit(text.substr(at, end - at));
            at = end;
        }
    }

    bool single_numbers_;
};

}  // namespace unloop::inline v0

#endif
