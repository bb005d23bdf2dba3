// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What a hostile text looks like when it is shown.
#include <unloop/report/printable.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace unloop;

TEST_CASE("control characters are spelt out and broken UTF-8 is replaced", "[printable]") {
    CHECK(printable("dog \xC3\xA9 \xE2\x9C\x93") == "dog \xC3\xA9 \xE2\x9C\x93");
    CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\x0dd");
    CHECK(printable("a\nb\tc\rd", line_breaks::keep) == "a\nb\tc\\x0dd");
    CHECK(printable("\x1b[2J\x7F") == "\\x1b[2J\\x7f");
    CHECK(printable("\u009b2J") == "\\x9b2J");  // the one-character form of ESC [
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    CHECK(printable("a\xFF"
                    "b\xE2\x9C") ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD");
    CHECK(as_utf8("a\xFF\n") == "a\xEF\xBF\xBD\n");
}
