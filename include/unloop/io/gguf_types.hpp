// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The types of numbers that GGUF files hold: every one is listed and can be copied; some can be computed with.
#ifndef UNLOOP_IO_GGUF_TYPES_HPP
#define UNLOOP_IO_GGUF_TYPES_HPP

#include <unloop/tensor/format.hpp>

#include <array>        // the table
#include <cstdint>      // uint32_t
#include <optional>     // types that cannot be computed with
#include <string_view>  // names

namespace unloop::inline v0::gguf {

/// A row is stored as whole blocks of `block_values` numbers in `block_bytes` bytes.
struct number_type {
    std::uint32_t id;
    std::string_view name;
    std::uint32_t block_values;
    std::uint32_t block_bytes;
};

/// Source: enum ggml_type and the block structures of ggml (ggml.h, ggml-common.h). The ids 4, 5, 31 to 33 and 36 to 38
/// belonged to types that were removed from the format.
inline constexpr std::array number_types{
    number_type{0, "F32", 1, 4},         number_type{1, "F16", 1, 2},         number_type{2, "Q4_0", 32, 18},
    number_type{3, "Q4_1", 32, 20},      number_type{6, "Q5_0", 32, 22},      number_type{7, "Q5_1", 32, 24},
    number_type{8, "Q8_0", 32, 34},      number_type{9, "Q8_1", 32, 36},      number_type{10, "Q2_K", 256, 84},
    number_type{11, "Q3_K", 256, 110},   number_type{12, "Q4_K", 256, 144},   number_type{13, "Q5_K", 256, 176},
    number_type{14, "Q6_K", 256, 210},   number_type{15, "Q8_K", 256, 292},   number_type{16, "IQ2_XXS", 256, 66},
    number_type{17, "IQ2_XS", 256, 74},  number_type{18, "IQ3_XXS", 256, 98}, number_type{19, "IQ1_S", 256, 50},
    number_type{20, "IQ4_NL", 32, 18},   number_type{21, "IQ3_S", 256, 110},  number_type{22, "IQ2_S", 256, 82},
    number_type{23, "IQ4_XS", 256, 136}, number_type{24, "I8", 1, 1},         number_type{25, "I16", 1, 2},
    number_type{26, "I32", 1, 4},        number_type{27, "I64", 1, 8},        number_type{28, "F64", 1, 8},
    number_type{29, "IQ1_M", 256, 56},   number_type{30, "BF16", 1, 2},       number_type{34, "TQ1_0", 256, 54},
    number_type{35, "TQ2_0", 256, 66},   number_type{39, "MXFP4", 32, 17},    number_type{40, "NVFP4", 64, 36},
    number_type{41, "Q1_0", 128, 18},
};

/// Null when no type has this id.
[[nodiscard]] constexpr const number_type* find_number_type(std::uint32_t id) noexcept {
    for (const number_type& type : number_types)
        if (type.id == id) return &type;
    return nullptr;
}

/// The tag of the format table with this id; empty when it has none.
[[nodiscard]] constexpr std::optional<number_format> format_of(std::uint32_t id) {
    std::optional<number_format> found;
    for_each_format([&](auto format) {
        if (format.gguf_type == id) found = format.tag;
    });
    return found;
}

namespace detail {
[[nodiscard]] constexpr bool tables_agree() {
    bool agree = true;
    for_each_format([&](auto format) {
        bool found = false;  // not by find_number_type: GCC's sanitizer makes no constant of a comparison with null
        for (const number_type& type : number_types)
            found = found || (type.id == format.gguf_type && type.name == format.name &&
                              type.block_values == format.block_values && type.block_bytes == format.block_bytes);
        agree = agree && found;
    });
    return agree;
}
}  // namespace detail
static_assert(detail::tables_agree(), "a format of tensor/format.hpp is stored as ggml stores it");

}  // namespace unloop::inline v0::gguf

#endif
