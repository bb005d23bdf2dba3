// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What is a list marker, and what only looks like one.
#include <unloop/detect/list_marker.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>       // numerals
#include <string_view>  // markers
#include <utility>      // pairs

using namespace std::string_view_literals;

TEST_CASE("markers end where the item begins") {
    using pair = std::pair<std::string_view, std::string_view>;
    for (const auto& [marker, item] :
         {pair{"-", " Poodle"},     {"*", " Poodle"},         {"+", " Poodle"},        {"•", "Poodle"},
          {"–", " Poodle"},         {"##", " Dogs"},          {">", " said he"},       {"1.", " Poodle"},
          {"12)", " Poodle"},       {"1896:", " Athens"},     {"3.", "Poodle"},        {"#7:", " Poodle"},
          {"a)", " Poodle"},        {"(b)", " Poodle"},       {"[c]", " Poodle"},      {"(12)", " Poodle"},
          {"[ ]", " walk the dog"}, {"[x]", " feed the dog"}, {"[]", " wash the dog"}, {"iv.", " Poodle"},
          {"XII.", " Poodle"},      {"(iii)", " Poodle"},     {"i)", " Poodle"}})
        CHECK(unloop::marker_length(std::string(marker) + std::string(item)) == marker.size());
}

TEST_CASE("what belongs to the item is no marker") {
    for (const auto item : {"3.14 is pi"sv, "1:30 in the morning"sv, "101 Dalmatians"sv, "J. K. Rowling"sv,
                            "I. Asimov"sv, "-5 degrees"sv, "A: none"sv, "mix. it"sv, "(Poodle)"sv, "[Verse 1]"sv,
                            "#blessed"sv, "iiii. x"sv, "1990"sv, "Poodle"sv, ""sv, "a"sv, "("sv, "#"sv})
        CHECK(unloop::marker_length(item) == 0);
}

TEST_CASE("Roman numerals are those that numbers have") {
    const auto numeral = [](int number) {
        std::string text;
        for (const auto& [value, letters] : {std::pair{1000, "M"},
                                             {900, "CM"},
                                             {500, "D"},
                                             {400, "CD"},
                                             {100, "C"},
                                             {90, "XC"},
                                             {50, "L"},
                                             {40, "XL"},
                                             {10, "X"},
                                             {9, "IX"},
                                             {5, "V"},
                                             {4, "IV"},
                                             {1, "I"}})
            for (; number >= value; number -= value) text += letters;
        return text;
    };
    bool all = true;
    for (int number = 1; number < 4000; ++number) all = all && unloop::detail::is_roman(numeral(number));
    CHECK(all);
    for (const auto word : {""sv, "IIII"sv, "VX"sv, "IC"sv, "VV"sv, "CIVIL"sv, "IXI"sv, "MMMM"sv, "iv"sv, "Louis"sv})
        CHECK_FALSE(unloop::detail::is_roman(word));
}
