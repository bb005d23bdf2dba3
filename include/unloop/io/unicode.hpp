// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The classes of code points that tokenizers split text by: letters, numbers, white space and the rest.
#ifndef UNLOOP_IO_UNICODE_HPP
#define UNLOOP_IO_UNICODE_HPP

#include <unloop/io/unicode_ranges.hpp>

#include <algorithm>  // upper_bound
#include <array>      // the ASCII table
#include <cstddef>    // size_t
#include <iterator>   // begin, end

namespace unloop::inline v0 {

namespace detail {

constexpr character_class find_character_class(char32_t code_point) noexcept {
    const auto& ranges = character_classes::ranges;
    const auto after = std::upper_bound(std::begin(ranges), std::end(ranges), code_point,
                                        [](char32_t value, const auto& range) { return value < range.first; });
    if (after == std::begin(ranges)) return character_class::other;
    const auto& range = *(after - 1);
    return code_point <= range.last ? range.value : character_class::other;
}

inline constexpr auto ascii_classes = [] {
    std::array<character_class, 128> table{};
    for (std::size_t code_point = 0; code_point < table.size(); ++code_point)
        table[code_point] = find_character_class(static_cast<char32_t>(code_point));
    return table;
}();

}  // namespace detail

/// The class of a code point: general category L* (letter) or N* (number), property White_Space (space), else other;
/// unassigned code points are other. Version: `unicode_version`. O(1) for ASCII, else O(log of about 800 ranges).
[[nodiscard]] constexpr character_class class_of(char32_t code_point) noexcept {
    return code_point < detail::ascii_classes.size() ? detail::ascii_classes[code_point]
                                                     : detail::find_character_class(code_point);
}

}  // namespace unloop::inline v0

#endif
