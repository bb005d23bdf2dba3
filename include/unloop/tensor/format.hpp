// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The table of number formats: how a run of weights is stored, and how a block of it becomes float32.
#ifndef UNLOOP_TENSOR_FORMAT_HPP
#define UNLOOP_TENSOR_FORMAT_HPP

#include <unloop/core/expects.hpp>
#include <unloop/tensor/bfloat16.hpp>
#include <unloop/tensor/float16.hpp>

#include <array>        // offsets of scale fields
#include <cstddef>      // byte
#include <cstdint>      // uint32_t
#include <cstring>      // memcpy
#include <string_view>  // names

namespace unloop::inline v0 {

/// Tag of a format; known at run time, because a file mixes formats by tensor.
enum class number_format : std::uint8_t { f32, f16, bf16, q4_1, q8_0 };

namespace detail {
template <class T>
[[nodiscard]] inline T load_unaligned(const std::byte* from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
}  // namespace detail

// Each format is a type with the same members: its tag and name, the number GGUF gives it, values and bytes of a block,
// the offsets of the float16 scales that every value of the block is linear in (none: the values themselves are
// scaled), and `decode`, which widens one block exactly as the format's definition says.

/// A format whose values stand alone.
template <number_format Tag, class Stored>
struct plain_format {
    static constexpr number_format tag = Tag;
    static constexpr std::size_t block_values = 1;
    static constexpr std::size_t block_bytes = sizeof(Stored);
    static constexpr std::array<std::size_t, 0> scale_offsets{};
    using stored = Stored;
    static void decode(const std::byte* block, float* values) noexcept {
        *values = static_cast<float>(detail::load_unaligned<Stored>(block));
    }
};

struct f32 : plain_format<number_format::f32, float> {
    static constexpr std::string_view name = "F32";
    static constexpr std::uint32_t gguf_type = 0;
};

struct f16 : plain_format<number_format::f16, float16> {
    static constexpr std::string_view name = "F16";
    static constexpr std::uint32_t gguf_type = 1;
};

struct bf16 : plain_format<number_format::bf16, bfloat16> {
    static constexpr std::string_view name = "BF16";
    static constexpr std::uint32_t gguf_type = 30;
};

/// 32 values d * q + m: float16 d, float16 m, 16 bytes of codes; byte i holds q[i] low and q[i + 16] high.
struct q4_1 {
    static constexpr number_format tag = number_format::q4_1;
    static constexpr std::string_view name = "Q4_1";
    static constexpr std::uint32_t gguf_type = 3;
    static constexpr std::size_t block_values = 32;
    static constexpr std::size_t block_bytes = 20;
    static constexpr std::array<std::size_t, 2> scale_offsets{0, 2};
    static void decode(const std::byte* block, float* values) noexcept {
        const auto d = static_cast<float>(detail::load_unaligned<float16>(block));
        const auto m = static_cast<float>(detail::load_unaligned<float16>(block + 2));
        for (std::size_t i = 0; i < 16; ++i) {
            const auto code = std::to_integer<unsigned>(block[4 + i]);
            values[i] = d * static_cast<float>(code & 15U) + m;
            values[i + 16] = d * static_cast<float>(code >> 4) + m;
        }
    }
};

/// 32 values d * q: float16 d, 32 signed bytes.
struct q8_0 {
    static constexpr number_format tag = number_format::q8_0;
    static constexpr std::string_view name = "Q8_0";
    static constexpr std::uint32_t gguf_type = 8;
    static constexpr std::size_t block_values = 32;
    static constexpr std::size_t block_bytes = 34;
    static constexpr std::array<std::size_t, 1> scale_offsets{0};
    static void decode(const std::byte* block, float* values) noexcept {
        const auto d = static_cast<float>(detail::load_unaligned<float16>(block));
        for (std::size_t i = 0; i < 32; ++i)
            values[i] = d * static_cast<float>(detail::load_unaligned<std::int8_t>(block + 2 + i));
    }
};

/// Calls `visit(Format{})` for every format of the table, in the order of the tags.
template <class Visitor>
constexpr void for_each_format(Visitor&& visit) {
    visit(f32{}), visit(f16{}), visit(bf16{}), visit(q4_1{}), visit(q8_0{});
}

/// Turns a tag into its type: `visit_format(tag, [](auto format) { ... })`; returns what the callable returns.
template <class Visitor>
constexpr decltype(auto) visit_format(number_format tag, Visitor&& visit) {
    switch (tag) {
        case number_format::f32:
            return visit(f32{});
        case number_format::f16:
            return visit(f16{});
        case number_format::bf16:
            return visit(bf16{});
        case number_format::q4_1:
            return visit(q4_1{});
        case number_format::q8_0:
            return visit(q8_0{});
    }
    expects(false, "visit_format: the tag must be one of the table");
    return visit(f32{});
}

[[nodiscard]] constexpr std::string_view name_of(number_format tag) {
    return visit_format(tag, [](auto format) { return decltype(format)::name; });
}

/// Bytes of `values` numbers; `values` must be whole blocks.
[[nodiscard]] constexpr std::size_t bytes_of(number_format tag, std::size_t values) {
    return visit_format(tag, [&](auto format) {
        expects(values % format.block_values == 0, "bytes_of: a row holds whole blocks");
        return values / format.block_values * format.block_bytes;
    });
}

}  // namespace unloop::inline v0

#endif
