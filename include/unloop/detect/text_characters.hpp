// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Which bytes of UTF-8 text are white space, digits and letters; enough to tell names from bookkeeping.
#ifndef UNLOOP_DETECT_TEXT_CHARACTERS_HPP
#define UNLOOP_DETECT_TEXT_CHARACTERS_HPP

#include <cstddef>      // size_t
#include <string_view>  // text

namespace unloop::inline v0 {
namespace detail {

[[nodiscard]] constexpr bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }
[[nodiscard]] constexpr bool is_upper(char byte) noexcept { return byte >= 'A' && byte <= 'Z'; }
[[nodiscard]] constexpr char to_lower(char byte) noexcept {
    return is_upper(byte) ? static_cast<char>(byte + ('a' - 'A')) : byte;
}
[[nodiscard]] constexpr bool is_ascii_letter(char byte) noexcept {
    return to_lower(byte) >= 'a' && to_lower(byte) <= 'z';
}
[[nodiscard]] constexpr bool is_space(char byte) noexcept {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f' || byte == '\v';
}

/// Bytes of white space at the front of `text`, a no-break space included; 0 for none.
[[nodiscard]] constexpr std::size_t space_length(std::string_view text) noexcept {
    if (text.empty()) return 0;
    return is_space(text.front()) ? 1 : text.starts_with("\u00A0") ? 2 : 0;
}

/// Bytes of the UTF-8 character at the front of a non-empty `text`; 1 for a byte that begins none.
[[nodiscard]] constexpr std::size_t character_length(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
    return length <= text.size() ? length : 1;
}

/// Bytes of the letter at the front of a non-empty `text`; 0 if a digit, sign or symbol is there. Beyond ASCII every
/// character is a letter but Latin-1 signs, the blocks U+2000 to U+2BFF (punctuation, arrows, mathematics, boxes),
/// U+3000 to U+303F (CJK punctuation) and those beyond U+FFFF (emoji).
[[nodiscard]] constexpr std::size_t letter_length(std::string_view text) noexcept {
    if (is_ascii_letter(text.front())) return 1;
    const std::size_t length = character_length(text);
    if (length == 1 || length == 4 || text.starts_with('\xC2')) return 0;
    if (text.starts_with("\u00D7") || text.starts_with("\u00F7")) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    if (text.starts_with('\xE2') && second < 0xB0) return 0;
    return text.starts_with("\xE3\x80") ? 0 : length;
}

}  // namespace detail

/// Whether `text` holds a letter. Lines that do not (braces, rules, separator rows, bare numbers) name nothing.
[[nodiscard]] constexpr bool has_letter(std::string_view text) noexcept {
    for (; !text.empty(); text.remove_prefix(detail::character_length(text)))
        if (detail::letter_length(text) > 0) return true;
    return false;
}

/// Whether `text` holds two letters in a row, or one of a script that writes words with one (three bytes or more).
[[nodiscard]] constexpr bool has_word(std::string_view text) noexcept {
    bool after_letter = false;
    for (; !text.empty(); text.remove_prefix(detail::character_length(text))) {
        const std::size_t letter = detail::letter_length(text);
        if (letter >= 3 || (letter > 0 && after_letter)) return true;
        after_letter = letter > 0;
    }
    return false;
}

}  // namespace unloop::inline v0

#endif
