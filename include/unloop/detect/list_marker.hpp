// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Recognises what stands before an item of a list: bullets, numbers, letters, brackets.
#ifndef UNLOOP_DETECT_LIST_MARKER_HPP
#define UNLOOP_DETECT_LIST_MARKER_HPP

#include <unloop/detect/text_characters.hpp>

#include <cstddef>      // size_t
#include <span>         // alternatives
#include <string_view>  // text

namespace unloop::inline v0 {
namespace detail {

inline constexpr std::string_view typographic_bullets[] = {"\u2022", "\u25E6", "\u25AA", "\u25CF", "\u00B7"};
inline constexpr std::string_view dashes[] = {"-", "+", "*", ">", "\u2013", "\u2014"};

/// Length of the alternative that `text` begins with; 0 for none.
[[nodiscard]] constexpr std::size_t prefix_length(std::string_view text,
                                                  std::span<const std::string_view> alternatives) noexcept {
    for (const std::string_view alternative : alternatives)
        if (text.starts_with(alternative)) return alternative.size();
    return 0;
}

/// Removes one decimal place of a Roman numeral, such as "XC" or "VIII", from the front of `text`.
constexpr void take_roman_place(std::string_view& text, char one, char five, char ten) noexcept {
    if (text.size() > 1 && text[0] == one && (text[1] == five || text[1] == ten)) {
        text.remove_prefix(2);
        return;
    }
    if (text.starts_with(five)) text.remove_prefix(1);
    for (int ones = 0; ones < 3 && text.starts_with(one); ++ones) text.remove_prefix(1);
}

[[nodiscard]] constexpr bool is_roman(std::string_view upper_case) noexcept {
    if (upper_case.empty()) return false;
    for (int thousands = 0; thousands < 3 && upper_case.starts_with('M'); ++thousands) upper_case.remove_prefix(1);
    take_roman_place(upper_case, 'C', 'D', 'M');
    take_roman_place(upper_case, 'X', 'L', 'C');
    take_roman_place(upper_case, 'I', 'V', 'X');
    return upper_case.empty();
}

[[nodiscard]] constexpr std::size_t digits_length(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    return length;
}

/// Letters of a Roman numeral in lower or upper case at the front of `text`, as outlines use them: at most "xxxviii".
[[nodiscard]] constexpr std::size_t outline_numeral_length(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size() && length < 7 && std::string_view("ivxIVX").find(text[length]) != text.npos) ++length;
    char upper[7] = {};
    for (std::size_t i = 0; i < length; ++i)
        upper[i] = static_cast<char>(is_upper(text[i]) ? text[i] : text[i] - ('a' - 'A'));
    return is_roman({upper, length}) ? length : 0;
}

}  // namespace detail

/// Bytes of one list marker at the front of `text`; 0 for none. A marker is
/// - a bullet: - + * > or dash or #s before white space; a typographic bullet anywhere,
/// - digits, with or without #, before . or ) or : and no further digit ("3." but not "3.14"),
/// - a letter before ), or a Roman numeral of two letters or more before . or ) ("a)", "iv.", but not "J. Austen"),
/// - digits, a letter, a Roman numeral or nothing in ( ) or [ ].
[[nodiscard]] constexpr std::size_t marker_length(std::string_view text) noexcept {
    if (const std::size_t bullet = detail::prefix_length(text, detail::typographic_bullets)) return bullet;
    std::size_t hashes = 0;
    while (hashes < text.size() && text[hashes] == '#') ++hashes;
    const std::size_t bullet = hashes > 0 ? hashes : detail::prefix_length(text, detail::dashes);
    if (bullet > 0 && detail::space_length(text.substr(bullet)) > 0) return bullet;
    const std::string_view unhashed = text.substr(hashes);
    if (const std::size_t digits = detail::digits_length(unhashed)) {
        const bool ends = digits < unhashed.size() && std::string_view(".):").find(unhashed[digits]) != text.npos;
        const bool goes_on = digits + 1 < unhashed.size() && detail::is_digit(unhashed[digits + 1]);
        return ends && !goes_on ? hashes + digits + 1 : 0;
    }
    const bool bracketed = text.starts_with('(') || text.starts_with('[');
    const std::string_view inner = text.substr(bracketed ? 1 : 0);
    std::size_t length = detail::digits_length(inner);
    if (length == 0) length = detail::outline_numeral_length(inner);
    if (length == 0 && !inner.empty() &&
        (detail::is_ascii_letter(inner.front()) || (bracketed && inner.front() == ' ')))
        length = 1;
    if (bracketed) {
        const char closing = text.front() == '(' ? ')' : ']';
        return inner.substr(length).starts_with(closing) ? length + 2 : 0;
    }
    if (length == 0 || length >= inner.size()) return 0;
    return inner[length] == ')' || (length > 1 && inner[length] == '.') ? length + 1 : 0;
}

}  // namespace unloop::inline v0

#endif
