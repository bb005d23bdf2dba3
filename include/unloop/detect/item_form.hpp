// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The form in which items of a list are compared: without marker, quotes, case and, on request, numbers.
#ifndef UNLOOP_DETECT_ITEM_FORM_HPP
#define UNLOOP_DETECT_ITEM_FORM_HPP

#include <unloop/detect/list_marker.hpp>
#include <unloop/detect/text_characters.hpp>

#include <cstddef>      // size_t
#include <span>         // alternatives
#include <string>       // compared forms
#include <string_view>  // text

namespace unloop::inline v0 {
namespace detail {

inline constexpr std::string_view wrappings[] = {"\"",     "'",      "*",      "_",      "`",      "~",
                                                 "\u201C", "\u201D", "\u2018", "\u2019", "\u00AB", "\u00BB"};
inline constexpr std::string_view closings[] = {".", ",", ";", ":", "!", "?", "\u2026", "\\"};
inline constexpr std::string_view ordinals[] = {"st", "nd", "rd", "th"};

/// Length of the alternative that `text` ends with; 0 for none.
[[nodiscard]] constexpr std::size_t suffix_length(std::string_view text,
                                                  std::span<const std::string_view> alternatives) noexcept {
    for (const std::string_view alternative : alternatives)
        if (text.ends_with(alternative)) return alternative.size();
    return 0;
}

}  // namespace detail

/// The part of `item` that names something: without white space, quotes and emphasis around it, leading list markers
/// and closing punctuation. Inner digits stay. A marker with nothing behind it stays too. O(size).
[[nodiscard]] constexpr std::string_view item_content(std::string_view item) noexcept {
    const auto drop_front = [](std::string_view text) {
        for (std::size_t length = 1; length > 0; text.remove_prefix(length)) {
            length = detail::space_length(text);
            if (length == 0) length = marker_length(text);
            if (length == 0) length = detail::prefix_length(text, detail::wrappings);
        }
        return text;
    };
    const auto drop_back = [](std::string_view text) {
        for (std::size_t length = 1; length > 0; text.remove_suffix(length)) {
            length = !text.empty() && detail::is_space(text.back()) ? 1 : 0;
            if (length == 0) length = text.ends_with("\u00A0") ? 2 : 0;
            if (length == 0) length = detail::suffix_length(text, detail::wrappings);
            if (length == 0) length = detail::suffix_length(text, detail::closings);
        }
        return text;
    };
    const std::string_view content = drop_back(drop_front(item));
    if (!content.empty()) return content;
    std::string_view whole = item;  // nothing but a marker
    while (const std::size_t space = detail::space_length(whole)) whole.remove_prefix(space);
    return drop_back(whole);
}

/// The compared form of a content: ASCII letters in lower case, white space as single blanks. O(size).
[[nodiscard]] inline std::string item_form(std::string_view content) {
    std::string form;
    form.reserve(content.size());
    while (!content.empty()) {
        const std::size_t space = detail::space_length(content);
        if (space == 0)
            form += detail::to_lower(content.front());
        else if (!form.empty() && form.back() != ' ')
            form += ' ';
        content.remove_prefix(space == 0 ? 1 : space);
    }
    return form;
}

/// The same with every number written as `#`: digits with the points, commas and colons between them, ordinals ("4th"),
/// and words that are Roman numerals in upper case. Items of equal masked form differ in numbers at most. O(size).
[[nodiscard]] inline std::string masked_item_form(std::string_view content) {
    std::string masked;
    while (!content.empty()) {
        std::size_t word = 0;
        while (word < content.size() && detail::letter_length(content.substr(word)) > 0)
            word += detail::letter_length(content.substr(word));
        if (word > 0) {
            masked += detail::is_roman(content.substr(0, word)) ? std::string_view("#") : content.substr(0, word);
            content.remove_prefix(word);
            continue;
        }
        if (!detail::is_digit(content.front())) {
            masked += content.front();
            content.remove_prefix(1);
            continue;
        }
        while (!content.empty() && detail::is_digit(content.front())) {
            content.remove_prefix(detail::digits_length(content));
            const bool joined = content.size() > 1 && std::string_view(".,:").find(content[0]) != content.npos;
            if (joined && detail::is_digit(content[1])) content.remove_prefix(1);
        }
        const std::size_t ordinal = detail::prefix_length(content, detail::ordinals);
        if (ordinal > 0 && (content.size() == ordinal || detail::letter_length(content.substr(ordinal)) == 0))
            content.remove_prefix(ordinal);
        masked += '#';
    }
    return item_form(masked);
}

}  // namespace unloop::inline v0

#endif
