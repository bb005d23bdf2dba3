// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Symbols, spaces and bytes of BPE over code points; what no golden tokenizer has, as the tokenizers package's source
// says: unknown tokens, alone and fused.
#include <unloop/io/byte_fallback.hpp>

#include <unloop/io/pre_tokenizer.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

namespace {

/// "a" 0, "b" 1, byte of "c" 2, unknown 3.
tokenizer_data tokens_with_a_byte() {
    tokenizer_data data;
    data.model = "gemma4";
    data.tokens = {"a", "b", "<0x63>", "<unk>", "ab"};
    data.kinds = {token_kind::normal, token_kind::normal, token_kind::byte, token_kind::unknown, token_kind::normal};
    return data;
}

std::vector<token_id> symbols(const tokenizer_data& data, std::string_view text,
                              unknown_symbols unknown = unknown_symbols::refuse) {
    const vocabulary words(data);
    std::vector<token_id> ids;
    code_point_symbols(data, words).append(text, unknown, ids);
    return ids;
}

using token_ids = std::vector<token_id>;

}  // namespace

TEST_CASE("a token of a code point goes before its bytes, and both before the unknown token", "[byte_fallback]") {
    auto data = tokens_with_a_byte();
    CHECK(symbols(data, "abca") == token_ids{0, 1, 2, 0});
    CHECK_THROWS_AS(symbols(data, "axb"), error);
    CHECK(symbols(data, "axb", unknown_symbols::skip) == token_ids{0, 1});
    data.unknown = 3;
    CHECK(symbols(data, "xxaxyb\xFF") == token_ids{3, 0, 3, 1, 3});
    CHECK(symbols(data, "xcya") == token_ids{2, 3, 0});  // bytes overtake the unknown token that waits for more
    data.fuse_unknown = false;
    CHECK(symbols(data, "xxax") == token_ids{3, 3, 0, 3});
    data.model = "gpt2";
    CHECK_THROWS_AS(symbols(data, "a"), error);
}

TEST_CASE("tokens written as bytes", "[byte_fallback]") {
    CHECK(byte_of_token("<0x00>") == 0);
    CHECK(byte_of_token("<0xfF>") == 0xFF);
    for (const char* text : {"", "<0x0>", "<0x000>", "<0xGG>", "<0x1G>", "<0x+1>", "0x0000", "<0x00)"})
        CHECK_FALSE(byte_of_token(text));
    CHECK(byte_fallback_decoder::bytes("<0x41>", token_kind::byte) == "A");
    CHECK(byte_fallback_decoder::bytes("<0x41>", token_kind::normal) == "<0x41>");
    CHECK_THROWS_AS(byte_fallback_decoder::bytes("A", token_kind::byte), error);
}

TEST_CASE("spaces are written U+2581 and read back", "[byte_fallback]") {
    CHECK(space_marker(tokenizer_data{})(" a  b ") == "\u2581a\u2581\u2581b\u2581");
    CHECK(space_marker(tokenizer_data{})("").empty());
    CHECK(byte_fallback_decoder::bytes("\u2581a\u2581", token_kind::normal) == " a ");
}

TEST_CASE("a run of bytes is text as a whole or not at all", "[byte_fallback]") {
    byte_fallback_decoder::stream stream;
    std::string text;
    for (const char* byte : {"a", "\xC3", "\xA9"}) stream.push(byte, token_kind::byte, text);
    CHECK(text.empty());
    stream.push("b", token_kind::normal, text);
    CHECK(text == "a\u00E9b");
    for (const char* byte : {"a", "\xC3"}) stream.push(byte, token_kind::byte, text);
    stream.push("\xFF?", token_kind::normal, text);  // a token whose text is broken is repaired by itself
    CHECK(text == "a\u00E9b\uFFFD\uFFFD\uFFFD?");
}

TEST_CASE("no cut", "[byte_fallback]") {
    tokenizer_data data;
    std::vector<std::string> pieces;
    const auto cut = [&](std::string_view text) {
        pieces.clear();
        whole_text{data}(text, [&](std::string_view piece) { pieces.emplace_back(piece); });
        return pieces;
    };
    CHECK(cut("a b\n\nc") == std::vector<std::string>{"a b\n\nc"});
    CHECK(cut("").empty());
    data.pre_tokenizer = "smollm";
    CHECK_THROWS_AS(cut("a"), error);
}
