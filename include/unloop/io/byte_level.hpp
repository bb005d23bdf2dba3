// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The alphabet of byte-level BPE: every byte is one printable code point in the texts of tokens (Radford et al.,
// "Language Models are Unsupervised Multitask Learners", 2019, and its published encoder).
#ifndef UNLOOP_IO_BYTE_LEVEL_HPP
#define UNLOOP_IO_BYTE_LEVEL_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/utf8.hpp>
#include <unloop/io/vocabulary.hpp>

#include <array>        // one entry a byte
#include <cstddef>      // size_t
#include <cstdint>      // int16_t
#include <optional>     // a code point outside the alphabet
#include <string>       // bytes of a token
#include <string_view>  // text of a token
#include <vector>       // symbols

namespace unloop::inline v0 {

/// The code point that stands for a byte: itself for the printable ones of Latin-1 (without the soft hyphen); the
/// others in ascending order are U+0100, U+0101, ... So a space is U+0120 and a newline U+010A.
inline constexpr std::array<char16_t, 256> byte_to_code_point = [] {
    std::array<char16_t, 256> table{};
    char16_t next = 0x100;
    for (char16_t byte = 0; byte < 256; ++byte) {
        const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
        table[byte] = printable ? byte : next++;
    }
    return table;
}();

namespace detail {

inline constexpr std::size_t byte_alphabet_end = 0x144;  // past the last code point of the alphabet

inline constexpr std::array<std::int16_t, byte_alphabet_end> code_point_to_byte_table = [] {
    std::array<std::int16_t, byte_alphabet_end> table{};
    table.fill(-1);
    for (std::size_t byte = 0; byte < 256; ++byte) table[byte_to_code_point[byte]] = static_cast<std::int16_t>(byte);
    return table;
}();

}  // namespace detail

/// The inverse of `byte_to_code_point`; nothing for a code point outside the alphabet.
[[nodiscard]] constexpr std::optional<unsigned char> code_point_to_byte(char32_t code_point) noexcept {
    if (code_point >= detail::byte_alphabet_end || detail::code_point_to_byte_table[code_point] < 0) return {};
    return static_cast<unsigned char>(detail::code_point_to_byte_table[code_point]);
}

/// The symbols that byte-level BPE begins with: one token a byte.
class byte_symbols {
  public:
    static constexpr std::string_view model = "gpt2";  ///< `tokenizer_data::model`

    /// Throws `error` if `data` is of another algorithm than byte-level BPE.
    byte_symbols(const tokenizer_data& data, const vocabulary& words) {
        if (data.model != model) throw error("tokenizer: '" + data.model + "' is not byte-level BPE ('gpt2')");
        for (std::size_t byte = 0; byte < tokens_.size(); ++byte) {
            std::string text;
            append_utf8(text, byte_to_code_point[byte]);
            tokens_[byte] = words.find(text).value_or(-1);
        }
    }

    /// Appends the tokens of `piece`. Throws `error` naming a byte that has none, if those are refused.
    void append(std::string_view piece, unknown_symbols unknown, std::vector<token_id>& ids) const {
        for (const char character : piece) {
            const auto byte = static_cast<unsigned char>(character);
            if (tokens_[byte] >= 0)
                ids.push_back(tokens_[byte]);
            else if (unknown == unknown_symbols::refuse)
                detail::refuse_byte(byte);
        }
    }

  private:
    std::array<token_id, 256> tokens_{};
};

/// Decoder of byte-level vocabularies: tokens to bytes, and bytes to text.
struct byte_level_decoder {
    /// Bytes that a token stands for. A text outside the alphabet stands for itself, as does one that is matched whole
    /// in the prompt (control, unknown, user-defined).
    [[nodiscard]] static std::string bytes(std::string_view text, token_kind kind) {
        if (kind != token_kind::normal && kind != token_kind::byte && kind != token_kind::unused)
            return std::string(text);
        std::string decoded;
        for (std::size_t at = 0; at < text.size();) {
            const auto step = decode_utf8(text, at);
            const auto byte = code_point_to_byte(step.code_point);
            if (!byte) return std::string(text);
            decoded.push_back(static_cast<char>(*byte));
            at += step.length;
        }
        return decoded;
    }

    /// The bytes of consecutive tokens as text.
    class stream {
      public:
        void push(std::string_view bytes, token_kind, std::string& text) { repair_.push(bytes, text); }
        void finish(std::string& text) { repair_.finish(text); }

      private:
        utf8_repair repair_;
    };
};

}  // namespace unloop::inline v0

#endif
