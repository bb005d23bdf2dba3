// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The forms in which items are compared.
#include <unloop/detect/item_form.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>       // forms
#include <string_view>  // items
#include <utility>      // pairs

TEST_CASE("the content of an item is what it names") {
    using pair = std::pair<std::string_view, std::string_view>;
    for (const auto& [item, content] : {pair{"4. \"The Last Ego\"", "The Last Ego"},
                                        {"  - **Golden Retriever**", "Golden Retriever"},
                                        {"**12.** _Poodle_.", "Poodle"},
                                        {"* [x] Walk the dog!", "Walk the dog"},
                                        {"1. 1896: Athens", "Athens"},
                                        {"\u201CThe Wire\u201D,", "The Wire"},
                                        {"Blade Runner 2049", "Blade Runner 2049"},
                                        {"- **Poodle**: curly, clever", "Poodle**: curly, clever"},
                                        {"`code`;\r", "code"},
                                        {"101 Dalmatians", "101 Dalmatians"},
                                        {"1. 2001: A Space Odyssey", "A Space Odyssey"},
                                        {"J. Austen", "J. Austen"},
                                        {"(a) one", "one"},
                                        {"\u00A0\u2022\u00A0one\u00A0", "one"},
                                        {"7.", "7"},
                                        {"1990", "1990"},
                                        {"", ""},
                                        {"   ", ""},
                                        {"**", ""}})
        CHECK(unloop::item_content(item) == content);
}

TEST_CASE("the content of a content is itself") {
    for (const auto item : {"4. \"The Last Ego\"", "- **12.** _Poodle_.", "7.", "12) (a) x", "-", "1. - * #"}) {
        const auto content = unloop::item_content(item);
        CHECK(unloop::item_content(content) == content);
    }
}

TEST_CASE("case and white space do not matter") {
    CHECK(unloop::item_form("The  Last\t\u00A0Ego") == "the last ego");
    CHECK(unloop::item_form("\u00C9cole 12") == "\u00C9cole 12");  // beyond ASCII, letters keep their case
}

TEST_CASE("masked forms forget numbers only") {
    using pair = std::pair<std::string_view, std::string_view>;
    for (const auto& [item, form] : {pair{"Season 1 episode 14", "season # episode #"},
                                     {"S01E04", "s#e#"},
                                     {"Louis XIV", "louis #"},
                                     {"World War II, 1939-1945", "world war #, #-#"},
                                     {"1,234.5 km", "# km"},
                                     {"the 21st", "the #"},
                                     {"4th of July", "# of july"},
                                     {"4things", "#things"},
                                     {"at 12:30", "at #"},
                                     {"Part 1: go", "part #: go"},
                                     {"7 x 1 = 7", "# x # = #"},
                                     {"MIX it", "# it"},
                                     {"Mix it", "mix it"},
                                     {"No numbers", "no numbers"},
                                     {"3. 4", "#. #"},
                                     {"第12話", "第#話"},
                                     {"", ""}})
        CHECK(unloop::masked_item_form(item) == form);
}
