// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Columns of text in several scripts.
#include <unloop/report/display_width.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace unloop;

TEST_CASE("columns are counted, not bytes", "[width]") {
    CHECK(display_width("") == 0);
    CHECK(display_width("cafe") == 4);
    CHECK(display_width("caf\u00e9") == 4);
    CHECK(display_width("cafe\u0301") == 4);  // a combining accent
    CHECK(display_width("\u732b") == 2);
    CHECK(display_width("\uac1c 1") == 4);
    CHECK(display_width("\U0001F600") == 2);
    CHECK(display_width("\u2588\u258c") == 2);
}

TEST_CASE("a shortened text fits and says that it was cut", "[width]") {
    CHECK(shorten("dog breeds", 10) == "dog breeds");
    CHECK(shorten("dog breeds", 9) == "dog bree\u2026");
    CHECK(shorten("dog", 1) == "\u2026");
    CHECK(shorten("\u732b\u732b\u732b", 6) == "\u732b\u732b\u732b");
    CHECK(shorten("\u732b\u732b\u732b", 5) == "\u732b\u732b\u2026");
    CHECK(shorten("\u732b\u732b\u732b", 4) == "\u732b\u2026");
    for (const char* text : {"e\u0301e\u0301e\u0301", "a\u732bb\u732bc", "plain text"})
        for (std::size_t columns = 1; columns < 12; ++columns) {
            INFO(text << " in " << columns);
            const std::string cut = shorten(text, columns);
            CHECK(display_width(cut) <= columns);
            CHECK((cut == text) == (display_width(text) <= columns));
        }
}
