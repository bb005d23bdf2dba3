// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One value of a stored row takes the place of another one: codes of blocks are copied, scales stay as they are.
#ifndef UNLOOP_EDIT_COPY_VALUE_HPP
#define UNLOOP_EDIT_COPY_VALUE_HPP

#include <unloop/tensor/format.hpp>

#include <cstddef>  // byte
#include <cstring>  // memcpy
#include <span>     // rows
#include <vector>   // bytes

namespace unloop::inline v0 {

/// The bytes of a row in which a value lies.
struct value_place {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// Whether value `from` of a row can take the place of value `to` without new codes: in formats of blocks, where both
/// lie in one block and share its scales.
[[nodiscard]] inline bool can_copy_value(number_format format, std::size_t to, std::size_t from) {
    return visit_format(format, [&](auto type) {
        return type.block_values == 1 || to / type.block_values == from / type.block_values;
    });
}

namespace detail {

template <class Format>
[[nodiscard]] value_place place_in_row(Format /*format*/, std::size_t i) noexcept {
    static_assert(Format::block_values == 1, "a format of blocks says where its codes are");
    return {i * Format::block_bytes, Format::block_bytes};
}
[[nodiscard]] inline value_place place_in_row(q8_0 format, std::size_t i) noexcept {
    return {i / format.block_values * format.block_bytes + 2 + i % format.block_values, 1};
}
/// Half a byte.
[[nodiscard]] inline value_place place_in_row(q4_1 format, std::size_t i) noexcept {
    return {i / format.block_values * format.block_bytes + 4 + i % 16, 1};
}
[[nodiscard]] constexpr unsigned shift_of(std::size_t i) noexcept { return i % 32 < 16 ? 0U : 4U; }

}  // namespace detail

/// Where value `i` lies; for Q4_1 the byte holds another value, too.
[[nodiscard]] inline value_place place_in_row(number_format format, std::size_t i) {
    return visit_format(format, [&](auto type) { return detail::place_in_row(type, i); });
}

/// The bytes of value `to` once value `from` has taken its place: as many as `place_in_row(format, to)` says. `row` is
/// the whole row; `can_copy_value` must hold. O(1).
[[nodiscard]] inline std::vector<std::byte> copied_value(number_format format, std::span<const std::byte> row,
                                                         std::size_t to, std::size_t from) {
    expects(can_copy_value(format, to, from), "copied_value: values of one block");
    const value_place source = place_in_row(format, from), target = place_in_row(format, to);
    std::vector<std::byte> bytes(row.begin() + static_cast<std::ptrdiff_t>(source.first),
                                 row.begin() + static_cast<std::ptrdiff_t>(source.first + source.count));
    if (format != number_format::q4_1) return bytes;
    const auto code = std::to_integer<unsigned>(bytes[0]) >> detail::shift_of(from) & 15U;
    const auto other = std::to_integer<unsigned>(row[target.first]) & (0xF0U >> detail::shift_of(to));
    return {static_cast<std::byte>(other | code << detail::shift_of(to))};
}

}  // namespace unloop::inline v0

#endif
