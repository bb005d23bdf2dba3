// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Letters, white space and lengths of characters.
#include <unloop/detect/text_characters.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string_view>  // characters

using namespace std::string_view_literals;

TEST_CASE("letters of many scripts are letters, signs are not") {
    for (const auto letter : {"a"sv, "Z"sv, "é"sv, "ß"sv, "ж"sv, "α"sv, "字"sv, "の"sv, "ह"sv})
        CHECK(unloop::detail::letter_length(letter) == letter.size());
    for (const auto sign : {"1"sv, " "sv, "-"sv, "{"sv, "×"sv, "÷"sv, "°"sv, "“"sv, "…"sv, "•"sv, "→"sv, "│"sv, "。"sv,
                            "🙂"sv, "\xFF"sv, "\x80"sv})
        CHECK(unloop::detail::letter_length(sign) == 0);
}

TEST_CASE("a character cut off counts as single bytes") {
    CHECK(unloop::detail::character_length("\xE2\x80") == 1);
    CHECK(unloop::detail::character_length("\xC3") == 1);
    CHECK(unloop::detail::letter_length("\xC3") == 0);
    CHECK_FALSE(unloop::has_letter("\xE5\xAD"));
}

TEST_CASE("white space includes the no-break space") {
    CHECK(unloop::detail::space_length(" a") == 1);
    CHECK(unloop::detail::space_length("\ta") == 1);
    CHECK(unloop::detail::space_length("\u00A0a") == 2);
    CHECK(unloop::detail::space_length("a") == 0);
    CHECK(unloop::detail::space_length("") == 0);
}

TEST_CASE("lines that name nothing have no letter") {
    for (const auto line : {"1990"sv, "| --- | :-: |"sv, "}"sv, "---"sv, "7 × 1 = 7"sv, "12:30"sv, ""sv})
        CHECK_FALSE(unloop::has_letter(line));
    for (const auto line : {"7 x 1 = 7"sv, "x"sv, "1990s"sv, "猫"sv}) CHECK(unloop::has_letter(line));
}

TEST_CASE("a word is two letters, or one of a script that writes words with one") {
    for (const auto line : {"# x #"sv, "#, #"sv, "s#e#"sv, "é"sv, ""sv}) CHECK_FALSE(unloop::has_word(line));
    for (const auto line : {"# times #"sv, "of"sv, "第#話"sv, "éa"sv}) CHECK(unloop::has_word(line));
}
