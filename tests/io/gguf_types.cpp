// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The table of GGUF's number types.
#include <unloop/io/gguf_types.hpp>

#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <set>
#include <string_view>

namespace gguf = unloop::gguf;

TEST_CASE("ids and names are unique, and removed ids are absent") {
    std::set<std::uint32_t> ids;
    std::set<std::string_view> names;
    for (const auto& type : gguf::number_types) {
        CHECK(ids.insert(type.id).second);
        CHECK(names.insert(type.name).second);
        CHECK(gguf::find_number_type(type.id) == &type);
    }
    for (const std::uint32_t removed : {4U, 5U, 31U, 32U, 33U, 36U, 37U, 38U, 200U})
        CHECK(gguf::find_number_type(removed) == nullptr);
}

TEST_CASE("bytes of a block follow from what the format stores") {
    const auto bytes = [](std::uint32_t id) { return gguf::find_number_type(id)->block_bytes; };
    CHECK(bytes(2) == 2 + 32 / 2);                   // Q4_0: scale, 4-bit codes
    CHECK(bytes(7) == 2 + 2 + 4 + 32 / 2);           // Q5_1: scale, minimum, high bits, low bits
    CHECK(bytes(10) == 2 + 2 + 16 + 256 / 4);        // Q2_K: two scales, 16 four-bit pairs, 2-bit codes
    CHECK(bytes(12) == 2 + 2 + 12 + 256 / 2);        // Q4_K: two scales, 8 six-bit pairs, 4-bit codes
    CHECK(bytes(14) == 2 + 16 + 256 / 2 + 256 / 4);  // Q6_K: scale, 16 scales, low and high bits
    CHECK(bytes(15) == 4 + 256 + 2 * 16);            // Q8_K: float scale, codes, 16 sums
    CHECK(bytes(39) == 1 + 32 / 2);                  // MXFP4: exponent, 4-bit codes
}

TEST_CASE("ids lead to the formats that can be computed with") {
    CHECK(gguf::format_of(0) == unloop::number_format::f32);
    CHECK(gguf::format_of(1) == unloop::number_format::f16);
    CHECK(gguf::format_of(3) == unloop::number_format::q4_1);
    CHECK(gguf::format_of(8) == unloop::number_format::q8_0);
    CHECK(gguf::format_of(30) == unloop::number_format::bf16);
    CHECK(gguf::format_of(12) == std::nullopt);
}
