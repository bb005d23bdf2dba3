// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Pieces of text against those of the tokenizers package.
#include <unloop/io/pre_tokenizer.hpp>

#include <unloop/core/random.hpp>

#include "byte_level_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace unloop;

namespace {

std::vector<std::string> pieces(bool single_numbers, std::string_view text) {
    std::vector<std::string> found;
    word_splitter{single_numbers}(text, [&](std::string_view piece) { found.emplace_back(piece); });
    return found;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("250 texts are cut as by the tokenizers package", "[pre_tokenizer]") {
    const auto rows = tests::read_golden_lines("tokenizer/bytelevel/pieces.jsonl");
    REQUIRE(rows.size() == 250);
    for (const auto& row : rows) {
        const auto text = tests::text_of(row.at("text"));
        INFO(text);
        CHECK(pieces(true, text) == boost::json::value_to<strings>(row.at("smollm")));
        CHECK(pieces(false, text) == boost::json::value_to<strings>(row.at("gpt-2")));
    }
}

TEST_CASE("words, spaces and numbers", "[pre_tokenizer]") {
    CHECK(pieces(false, "") == strings{});
    CHECK(pieces(false, "don't go  now\n") == strings{"don", "'t", " go", " ", " now", "\n"});
    CHECK(pieces(false, "a  12 3") == strings{"a", " ", " 12", " 3"});
    CHECK(pieces(true, "a  12 3") == strings{"a", "  ", "1", "2", " ", "3"});
    CHECK(pieces(false, "x \t y") == strings{"x", " \t", " y"});
    CHECK(pieces(false, "x \ty") == strings{"x", " ", "\t", "y"});
    CHECK(pieces(false, "'S!'s") == strings{"'", "S", "!'", "s"});
}

TEST_CASE("bytes that are not UTF-8 belong to no letter, number or space", "[pre_tokenizer]") {
    CHECK(pieces(true, "ab\xFF\x80!c") == strings{"ab", "\xFF\x80!", "c"});
    CHECK(pieces(true, " \xE4\xBD 1\xC3") == strings{" \xE4\xBD", " ", "1", "\xC3"});
}

TEST_CASE("pieces of random bytes are the text", "[pre_tokenizer]") {
    random_sequence random(3);
    for (int trial = 0; trial < 500; ++trial) {
        std::string text(random.below(60), '\0');
        for (char& byte : text) byte = static_cast<char>(random.below(256));
        for (const bool single_numbers : {false, true}) {
            std::string joined;
            for (const auto& piece : pieces(single_numbers, text)) {
                REQUIRE(!piece.empty());
                joined += piece;
            }
            REQUIRE(joined == text);
        }
    }
}

TEST_CASE("the pre-tokenizer is chosen by name", "[pre_tokenizer]") {
    tokenizer_data data;
    const auto count = [&](std::string_view name) {
        data.pre_tokenizer = name;
        int found = 0;
        word_splitter{data}("12", [&](std::string_view) { ++found; });
        return found;
    };
    CHECK(count("smollm") == 2);
    CHECK(count("gpt-2") == 1);
    CHECK_THROWS_AS(count("llama-bpe"), error);
    CHECK_THROWS_AS(count(""), error);
}
