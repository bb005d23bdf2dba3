// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Classes of all code points against those that the tokenizers package uses.
#include <unloop/io/unicode.hpp>

#include "byte_level_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <iterator>
#include <string>
#include <vector>

using unloop::character_class;

TEST_CASE("every code point has the class of the tokenizers package", "[unicode]") {
    const auto json = boost::json::parse(unloop::tests::read_golden("tokenizer/bytelevel/classes.json"));
    std::vector<character_class> expected(0x110000, character_class::other);
    const auto fill = [&](const char* name, character_class value) {
        for (const auto& range : json.at(name).as_array())
            for (auto code_point = range.at(0).to_number<std::size_t>();
                 code_point <= range.at(1).to_number<std::size_t>(); ++code_point)
                expected[code_point] = value;
    };
    fill("letter", character_class::letter);
    fill("number", character_class::number);
    fill("space", character_class::space);
    std::size_t wrong = 0;
    for (std::size_t code_point = 0; code_point < expected.size(); ++code_point)
        wrong += unloop::class_of(static_cast<char32_t>(code_point)) != expected[code_point] ? 1U : 0U;
    CHECK(wrong == 0);
}

TEST_CASE("numbers that are cut out are those of the expression, but for 13 of a newer Unicode", "[unicode]") {
    const auto json = boost::json::parse(unloop::tests::read_golden("tokenizer/bytelevel/classes.json"));
    std::vector<char32_t> newer;
    for (const auto& range : json.at("digit").as_array())
        for (auto code_point = range.at(0).to_number<char32_t>(); code_point <= range.at(1).to_number<char32_t>();
             ++code_point)
            if (unloop::class_of(code_point) != character_class::number) newer.push_back(code_point);
    CHECK(newer.size() == 13);
    for (const char32_t code_point : newer)
        CHECK(((code_point >= 0x11DE0 && code_point <= 0x11DE9) || (code_point >= 0x16FF4 && code_point <= 0x16FF6)));
}

TEST_CASE("ranges are ascending and disjoint", "[unicode]") {
    const auto& ranges = unloop::detail::character_classes::ranges;
    for (std::size_t index = 0; index < std::size(ranges); ++index) {
        CHECK(ranges[index].first <= ranges[index].last);
        if (index > 0) CHECK(ranges[index - 1].last < ranges[index].first);
    }
}
