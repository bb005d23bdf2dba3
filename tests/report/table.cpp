// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tables as a terminal shows them.
#include <unloop/report/table.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace unloop;

TEST_CASE("columns line up by what is seen, and lines end without blanks", "[table]") {
    table t({{"site"}, {"values", alignment::right}, {"note"}});
    CHECK(t.empty());
    t.add({"hidden", "576", "per layer"});
    t.add({"\u732b", "49152", ""});
    t.add({"caf\u00e9", "1", "x"});
    CHECK(t.text() ==
          "site    values  note\n"
          "hidden     576  per layer\n"
          "\u732b       49152\n"
          "caf\u00e9         1  x\n");
}

TEST_CASE("without titles there is no line of titles", "[table]") {
    table t({{""}, {""}});
    t.add({"layers", "30"});
    t.add({"hidden", "576"});
    CHECK(t.text() == "layers  30\nhidden  576\n");
    CHECK(table({{"a"}, {"b"}}).text() == "a  b\n");
}
