// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// BPE over code points as SentencePiece and Gemma have it: spaces are written U+2581, and a code point that has no
// token becomes the tokens of its bytes, <0xHH> (Kudo, Richardson, "SentencePiece", EMNLP 2018).
#ifndef UNLOOP_IO_BYTE_FALLBACK_HPP
#define UNLOOP_IO_BYTE_FALLBACK_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/io/integer_map.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/utf8.hpp>
#include <unloop/io/vocabulary.hpp>

#include <array>        // one entry a byte
#include <charconv>     // bytes written in hexadecimal
#include <cstddef>      // size_t
#include <optional>     // a text that is no byte
#include <string>       // text
#include <string_view>  // tokens
#include <vector>       // symbols

namespace unloop::inline v0 {

/// U+2581, which stands for a space in the texts of tokens.
inline constexpr std::string_view written_space = "\xE2\x96\x81";

/// The byte that a token's text <0xHH> stands for; nothing for another text.
[[nodiscard]] inline std::optional<unsigned char> byte_of_token(std::string_view text) noexcept {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
    unsigned value = 0;
    const auto parsed = std::from_chars(text.data() + 3, text.data() + 5, value, 16);
    if (parsed.ptr != text.data() + 5) return std::nullopt;
    return static_cast<unsigned char>(value);
}

namespace detail {

inline std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    std::string replaced;
    replaced.reserve(text.size());
    for (std::size_t at = 0;;) {
        const auto found = text.find(from, at);
        replaced.append(text.substr(at, found - at));
        if (found == std::string_view::npos) return replaced;
        replaced.append(to);
        at = found + from.size();
    }
}

}  // namespace detail

/// Normaliser: every space becomes U+2581. A U+2581 of the text itself is the same from then on, and decodes to a
/// space.
struct space_marker {
    explicit space_marker(const tokenizer_data&) noexcept {}
    [[nodiscard]] std::string operator()(std::string_view text) const {
        return detail::replace_all(text, " ", written_space);
    }
};

/// The symbols that this BPE begins with: one token a code point, or the tokens of its bytes, or the unknown token.
class code_point_symbols {
  public:
    static constexpr std::string_view model = "gemma4";  ///< `tokenizer_data::model`

    /// Throws `error` if `data` is of another algorithm.
    code_point_symbols(const tokenizer_data& data, const vocabulary& words)
        : code_points_(count(words)), unknown_(data.unknown), fuse_unknown_(data.fuse_unknown) {
        if (data.model != model) throw error("tokenizer: '" + data.model + "' is not BPE over code points ('gemma4')");
        for (std::size_t index = 0; index < words.size(); ++index) {
            const auto id = static_cast<token_id>(index);
            if (const auto code_point = only_code_point(words.text(id))) code_points_.insert(*code_point, id);
        }
        for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
            constexpr std::string_view digits = "0123456789ABCDEF";
            bytes_[byte] = words.find(std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + ">").value_or(-1);
        }
    }

    /// Appends the tokens of `piece`, which may hold any bytes. What has neither a token nor one for each of its bytes
    /// becomes the unknown token; without one, throws `error` naming a byte, if those are refused.
    void append(std::string_view piece, unknown_symbols unknown, std::vector<token_id>& ids) const {
        bool pending = false;  // an unknown token that more of its kind may join
        const auto flush = [&] {
            if (pending) ids.push_back(*unknown_);
            pending = false;
        };
        for (std::size_t at = 0; at < piece.size();) {
            const auto step = decode_utf8(piece, at);
            const auto symbol = piece.substr(at, step.length);
            at += step.length;
            if (const token_id* known = find(step)) {
                flush();
                ids.push_back(*known);
            } else if (const auto missing = append_bytes(symbol, ids); !missing) {
                // A pending unknown token stays pending: the tokenizers package puts it after these bytes.
            } else if (unknown_) {
                if (!fuse_unknown_) flush();
                pending = true;
            } else if (unknown == unknown_symbols::refuse) {
                detail::refuse_byte(*missing);
            }
        }
        flush();
    }

  private:
    static std::optional<char32_t> only_code_point(std::string_view text) noexcept {
        if (text.empty()) return std::nullopt;
        const auto step = decode_utf8(text, 0);
        if (step.status != utf8_status::complete || step.length != text.size()) return std::nullopt;
        return step.code_point;
    }
    static std::size_t count(const vocabulary& words) {
        std::size_t count = 0;
        for (std::size_t index = 0; index < words.size(); ++index)
            count += only_code_point(words.text(static_cast<token_id>(index))) ? 1U : 0U;
        return count;
    }

    [[nodiscard]] const token_id* find(const utf8_step& step) const noexcept {
        return step.status == utf8_status::complete ? code_points_.find(step.code_point) : nullptr;
    }
    /// Appends all bytes, or none and returns the first that has no token.
    [[nodiscard]] std::optional<unsigned char> append_bytes(std::string_view symbol, std::vector<token_id>& ids) const {
        for (const char character : symbol)
            if (const auto byte = static_cast<unsigned char>(character); bytes_[byte] < 0) return byte;
        for (const char character : symbol) ids.push_back(bytes_[static_cast<unsigned char>(character)]);
        return std::nullopt;
    }

    detail::integer_map<token_id> code_points_;
    std::array<token_id, 256> bytes_{};
    std::optional<token_id> unknown_;
    bool fuse_unknown_;
};

/// Decoder: tokens to bytes, and bytes to text.
struct byte_fallback_decoder {
    /// Bytes that a token stands for. Throws `error` for a byte token that is not written <0xHH>.
    [[nodiscard]] static std::string bytes(std::string_view text, token_kind kind) {
        if (kind != token_kind::byte) return detail::replace_all(text, written_space, " ");
        if (const auto byte = byte_of_token(text)) return {static_cast<char>(*byte)};
        throw error("tokenizer: the byte token '" + std::string(text) + "' is not written <0xHH>");
    }

    /// The bytes of consecutive tokens as text. A run of byte tokens is text if all of it is UTF-8, else one U+FFFD for
    /// every byte, as in the tokenizers package; so it waits for its end.
    class stream {
      public:
        void push(std::string_view bytes, token_kind kind, std::string& text) {
            if (kind == token_kind::byte) {
                run_ += bytes;
                return;
            }
            finish(text);
            utf8_repair repair;
            repair.push(bytes, text);
            repair.finish(text);
        }
        void finish(std::string& text) {
            if (is_utf8(run_))
                text += run_;
            else
                for (std::size_t byte = 0; byte < run_.size(); ++byte) text += replacement_character;
            run_.clear();
        }

      private:
        std::string run_;
    };
};

}  // namespace unloop::inline v0

#endif
