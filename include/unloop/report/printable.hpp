// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Foreign text made safe to show: what a file or a model wrote must not steer a terminal or break a JSON document.
#ifndef UNLOOP_REPORT_PRINTABLE_HPP
#define UNLOOP_REPORT_PRINTABLE_HPP

#include <unloop/io/utf8.hpp>

#include <cstddef>      // size_t
#include <string>       // shown text
#include <string_view>  // foreign text

namespace unloop::inline v0 {

/// `text` as valid UTF-8: each maximal broken part becomes U+FFFD. O(n).
[[nodiscard]] inline std::string as_utf8(std::string_view text) {
    std::string repaired;
    utf8_repair repair;
    repair.push(text, repaired);
    repair.finish(repaired);
    return repaired;
}

enum class line_breaks : bool { escape, keep };

/// Valid UTF-8 without control characters: those become \n, \t or \xNN. With `keep`, line ends and tabs stay. O(n).
[[nodiscard]] inline std::string printable(std::string_view text, line_breaks breaks = line_breaks::escape) {
    constexpr std::string_view digits = "0123456789abcdef";
    const std::string repaired = as_utf8(text);
    std::string shown;
    for (std::size_t at = 0; at < repaired.size();) {
        const utf8_step step = decode_utf8(repaired, at);
        const char32_t c = step.code_point;
        const bool is_break = c == '\n' || c == '\t';
        if ((c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0)) || (is_break && breaks == line_breaks::keep))
            shown.append(repaired, at, step.length);
        else if (is_break)
            shown += c == '\n' ? "\\n" : "\\t";
        else
            shown.append("\\x").append(1, digits[c >> 4]).append(1, digits[c & 15U]);
        at += step.length;
    }
    return shown;
}

}  // namespace unloop::inline v0

#endif
