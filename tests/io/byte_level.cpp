// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The alphabet of byte-level BPE.
#include <unloop/io/byte_level.hpp>

#include "byte_level_goldens.hpp"
#include "support/fault_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

using namespace unloop;

TEST_CASE("the alphabet is a bijection onto printable code points", "[byte_level]") {
    std::set<char16_t> seen;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char16_t code_point = byte_to_code_point[byte];
        seen.insert(code_point);
        CHECK(code_point_to_byte(code_point) == static_cast<unsigned char>(byte));
        CHECK((code_point > 0x20 && !(code_point >= 0x7F && code_point <= 0xA0) && code_point != 0xAD));
    }
    CHECK(seen.size() == 256);
    CHECK(byte_to_code_point[' '] == 0x120);
    CHECK(byte_to_code_point['\n'] == 0x10A);
    CHECK(byte_to_code_point['A'] == 'A');
    CHECK(byte_to_code_point[0] == 0x100);
    CHECK(byte_to_code_point[0xAD] == 0x143);
    for (const char32_t outside : {U'\0', U' ', U'\u007F', U'\u00A0', U'\u00AD', U'\u0144', U'\U0001F600'})
        CHECK(!code_point_to_byte(outside));
}

TEST_CASE("every byte is a token of the golden vocabulary, and that token is the byte", "[byte_level]") {
    const auto data = tests::byte_level_data();
    const vocabulary words(data);
    const byte_symbols symbols(data, words);
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::string piece(1, static_cast<char>(byte));
        std::vector<token_id> ids;
        symbols.append(piece, unknown_symbols::refuse, ids);
        REQUIRE(ids.size() == 1);
        CHECK(byte_level_decoder::bytes(words.text(ids[0]), words.kind(ids[0])) == piece);
    }
}

TEST_CASE("bytes without a token are refused by name or left out", "[byte_level]") {
    tokenizer_data data;
    data.model = "gpt2";
    data.tokens = {"a", "b"};
    const vocabulary words(data);
    const byte_symbols symbols(data, words);
    std::vector<token_id> ids;
    symbols.append(
        "a\x1F"
        "b",
        unknown_symbols::skip, ids);
    CHECK(ids == std::vector<token_id>{0, 1});
    CHECK(test::fault_of([&] { symbols.append("\x1F", unknown_symbols::refuse, ids); }).ends_with("byte 0x1F"));
    data.model = "llama";
    CHECK_THROWS_AS(byte_symbols(data, words), error);
}

TEST_CASE("texts outside the alphabet and added tokens stand for themselves", "[byte_level]") {
    CHECK(byte_level_decoder::bytes("\u0120a", token_kind::normal) == " a");
    CHECK(byte_level_decoder::bytes("\u0120a", token_kind::user_defined) == "\u0120a");
    CHECK(byte_level_decoder::bytes("\u00E9", token_kind::normal) == "\xE9");
    CHECK(byte_level_decoder::bytes("a b", token_kind::normal) == "a b");
}
