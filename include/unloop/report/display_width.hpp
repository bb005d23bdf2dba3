// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How many columns of a terminal a text takes, and how to cut it to fewer.
#ifndef UNLOOP_REPORT_DISPLAY_WIDTH_HPP
#define UNLOOP_REPORT_DISPLAY_WIDTH_HPP

#include <unloop/io/utf8.hpp>

#include <cstddef>      // size_t
#include <string>       // shortened text
#include <string_view>  // text

namespace unloop::inline v0 {

/// 0 for marks that join the character before them, 2 for East Asian wide characters and emoji, else 1. By blocks: the
/// few exceptions inside them are not looked up, as most terminals differ there anyway.
[[nodiscard]] constexpr std::size_t display_width(char32_t c) noexcept {
    const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    if (c < 0x300) return 1;
    if (within(0x300, 0x36F) || within(0x1AB0, 0x1AFF) || within(0x1DC0, 0x1DFF) || within(0x200B, 0x200F) ||
        within(0x20D0, 0x20FF) || within(0xFE00, 0xFE0F) || within(0xFE20, 0xFE2F))
        return 0;
    const bool wide = within(0x1100, 0x115F) || within(0x2E80, 0x303E) || within(0x3041, 0x4DBF) ||
                      within(0x4E00, 0xA4CF) || within(0xA960, 0xA97F) || within(0xAC00, 0xD7A3) ||
                      within(0xF900, 0xFAFF) || within(0xFE30, 0xFE6F) || within(0xFF01, 0xFF60) ||
                      within(0xFFE0, 0xFFE6) || within(0x1F300, 0x1F64F) || within(0x1F680, 0x1F6FF) ||
                      within(0x1F900, 0x1FAFF) || within(0x20000, 0x3FFFD);
    return wide ? 2 : 1;
}

/// Columns of `text`, which holds no control characters (see `printable`); a broken sequence counts 1. O(n).
[[nodiscard]] constexpr std::size_t display_width(std::string_view text) noexcept {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        const utf8_step step = decode_utf8(text, at);
        columns += display_width(step.code_point);
        at += step.length;
    }
    return columns;
}

/// `text` if it takes at most `columns` (at least 1), else its beginning and an ellipsis. O(n).
[[nodiscard]] inline std::string shorten(std::string_view text, std::size_t columns) {
    std::size_t used = 0, kept = 0;  // `kept` bytes leave a column for the ellipsis
    for (std::size_t at = 0; at < text.size();) {
        const utf8_step step = decode_utf8(text, at);
        used += display_width(step.code_point);
        if (used > columns) return std::string(text.substr(0, kept)) + "…";
        at += step.length;
        if (used < columns) kept = at;
    }
    return std::string(text);
}

}  // namespace unloop::inline v0

#endif
