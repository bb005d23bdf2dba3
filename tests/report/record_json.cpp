// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Records as JSON documents that other software reads.
#include <unloop/report/record_json.hpp>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace unloop;

TEST_CASE("a record becomes one line with all that it holds", "[json]") {
    record row{3, {1, 2}, {7, 8, 7}, "a\n\"b\"", {}, stop_reason::end_token, {}};
    CHECK(json_line(to_json(row)) ==
          R"({"id":3,"prompt":[1,2],"tokens":[7,8,7],"text":"a\n\"b\"","stop_reason":"end_token"})"
          "\n");
    row.log_probabilities = {-0.5F};
    const auto read = boost::json::parse(json_line(to_json(row)));
    CHECK(read.at("log_probabilities").at(0).as_double() == -0.5);
}

TEST_CASE("a finding names its unit", "[json]") {
    CHECK(json_line(to_json(finding{loop_kind::list_collapse, 4, 2, 6, 10}, "items")) ==
          R"({"kind":"list_collapse","unit":"items","start":4,"period":2,"copies":6,"evidence":10})"
          "\n");
}

TEST_CASE("broken UTF-8 does not break a document", "[json]") {
    const record row{0, {}, {}, "x\xFFy", {}, stop_reason::length, {}};
    const auto read = boost::json::parse(json_line(to_json(row)));
    CHECK(read.at("text").as_string() == "x\xEF\xBF\xBDy");
}
