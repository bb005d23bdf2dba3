// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A stored row times a factor, in its own format: values of plain formats, scales of blocks of the others.
#ifndef UNLOOP_EDIT_SCALE_ROW_HPP
#define UNLOOP_EDIT_SCALE_ROW_HPP

#include <unloop/core/expects.hpp>
#include <unloop/tensor/format.hpp>

#include <algorithm>    // max
#include <bit>          // bit_cast
#include <cmath>        // abs
#include <cstddef>      // byte
#include <cstdint>      // uint32_t
#include <cstring>      // memcpy
#include <span>         // rows
#include <type_traits>  // is_same_v

namespace unloop::inline v0 {

/// What scaling did to numbers, found by comparing each stored result with the exact product. A block (one value in a
/// plain format) is counted once, under the worst that happened in it.
struct scaling_error {
    std::size_t blocks = 0;            ///< looked at
    std::size_t rounded = 0;           ///< a product has more digits than the format
    std::size_t underflowed = 0;       ///< an inexact product lies below the format's smallest normal number
    std::size_t overflowed = 0;        ///< a finite number became infinite
    float largest_relative_error = 0;  ///< of one stored scale or value; 1 where it vanished

    [[nodiscard]] constexpr bool is_exact() const noexcept { return rounded + underflowed + overflowed == 0; }
    constexpr scaling_error& operator+=(const scaling_error& other) noexcept {
        blocks += other.blocks, rounded += other.rounded;
        underflowed += other.underflowed, overflowed += other.overflowed;
        largest_relative_error = std::max(largest_relative_error, other.largest_relative_error);
        return *this;
    }
    friend bool operator==(const scaling_error&, const scaling_error&) = default;
};

namespace detail {

/// Toward zero with the last bit set where that lost something ("round to odd"), so that rounding the result once more,
/// to two bits less or fewer, equals rounding `value` itself (Boldo and Melquiond, "Emulation of FMA and correctly
/// rounded sums", IEEE Transactions on Computers 57, 2008).
[[nodiscard]] inline float round_to_odd(double value) noexcept {
    const auto nearest = static_cast<float>(value);
    if (static_cast<double>(nearest) == value) return nearest;
    auto bits = std::bit_cast<std::uint32_t>(nearest);
    if (std::abs(static_cast<double>(nearest)) > std::abs(value)) --bits;
    return std::bit_cast<float>(bits | 1U);
}

template <class Stored>
[[nodiscard]] Stored round_to_nearest(double value) noexcept {
    if constexpr (std::is_same_v<Stored, float>)
        return static_cast<float>(value);
    else
        return Stored(round_to_odd(value));
}

template <class Stored>
constexpr double smallest_normal = std::is_same_v<Stored, float16> ? 0x1p-14 : 0x1p-126;

enum class scaling_outcome { exact, rounded, underflowed, overflowed };

/// Scales one number in place. The product of two floats is exact in double, so there is one rounding. What is not
/// finite keeps its kind: it counts as exact.
template <class Stored>
scaling_outcome scale_number(std::byte* place, float factor, float& relative_error) noexcept {
    const auto before = static_cast<double>(static_cast<float>(load_unaligned<Stored>(place)));
    if (factor == 0.0F) {
        std::memset(place, 0, sizeof(Stored));
        return scaling_outcome::exact;
    }
    if (factor == -1.0F) {
        place[sizeof(Stored) - 1] ^= std::byte{0x80};
        return scaling_outcome::exact;
    }
    if (std::isnan(before)) return scaling_outcome::exact;
    const double product = before * static_cast<double>(factor);
    const auto scaled = round_to_nearest<Stored>(product);
    std::memcpy(place, &scaled, sizeof scaled);
    const auto after = static_cast<double>(static_cast<float>(scaled));
    if (after == product) return scaling_outcome::exact;
    if (std::isinf(after)) return scaling_outcome::overflowed;
    relative_error = std::max(relative_error, static_cast<float>(std::abs(after - product) / std::abs(product)));
    return std::abs(product) < smallest_normal<Stored> ? scaling_outcome::underflowed : scaling_outcome::rounded;
}

template <class Format>
[[nodiscard]] scaling_outcome scale_block(std::byte* block, float factor, float& relative_error) noexcept {
    if constexpr (Format::block_values == 1) {
        return scale_number<typename Format::stored>(block, factor, relative_error);
    } else {
        static_assert(!Format::scale_offsets.empty(), "a format of blocks says where its scales are");
        auto worst = scaling_outcome::exact;
        for (const std::size_t offset : Format::scale_offsets)
            worst = std::max(worst, scale_number<float16>(block + offset, factor, relative_error));
        return worst;
    }
}

}  // namespace detail

/// Multiplies a row by a finite factor in place. 0 writes +0 into every scale field (or value), -1 flips its sign bit,
/// any other factor rounds each once, to nearest even; codes of blocks stay as they are. `row` holds whole blocks, of
/// any alignment, in little-endian order as all files here. O(bytes).
inline scaling_error scale_row(number_format format, std::span<std::byte> row, float factor) {
    expects(std::isfinite(factor), "scale_row: the factor is finite");
    static_assert(std::endian::native == std::endian::little, "rows are edited as they lie in their file");
    return visit_format(format, [&](auto tag) {
        using type = decltype(tag);
        expects(row.size() % type::block_bytes == 0, "scale_row: a row holds whole blocks");
        scaling_error seen;
        for (std::size_t at = 0; at < row.size(); at += type::block_bytes) {
            const auto outcome = detail::scale_block<type>(row.data() + at, factor, seen.largest_relative_error);
            ++seen.blocks;
            seen.rounded += outcome == detail::scaling_outcome::rounded ? 1U : 0U;
            seen.underflowed += outcome == detail::scaling_outcome::underflowed ? 1U : 0U;
            seen.overflowed += outcome == detail::scaling_outcome::overflowed ? 1U : 0U;
        }
        return seen;
    });
}

}  // namespace unloop::inline v0

#endif
