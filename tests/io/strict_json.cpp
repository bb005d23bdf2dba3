// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Strict JSON: equal to Boost.JSON's own parser on sound text, and exact about faults.
#include <unloop/io/strict_json.hpp>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "support/fault_of.hpp"

namespace {
std::string fault_of_json(const std::string& text) {
    return test::fault_of([&] { (void)unloop::parse_json(text, {"some.json", {}, 100}); });
}
}  // namespace

TEST_CASE("sound text gives the value that Boost.JSON's own parser gives") {
    const std::string long_text(5000, 'x');  // longer than the parser's buffer, so that texts come in parts
    for (const std::string& text :
         {std::string("null"), std::string(" [1, -2, 18446744073709551615, 2.5e3, true, false, \"\\u00e9\\n\"] "),
          std::string(R"({"a":{"a":1,"b":[{"a":1},{"a":2}]},"b":{}})"),
          "{\"\\u00e9" + long_text + "\":\"\\t" + long_text + "\"}"})
        CHECK(unloop::parse_json(text, {}) == boost::json::parse(text));
}

TEST_CASE("equal keys of one object are refused by name, at any depth and however written") {
    CHECK(fault_of_json(R"({"a":1,"b":{"c":2,"c":3}})").find("'c' at offset 1") != std::string::npos);
    CHECK(fault_of_json(R"({"ab":1,"a\u0062":2})").find("'ab' at offset 1") != std::string::npos);
    CHECK(fault_of_json(R"({"ab":1,"a\u0062":2})").find("the key appears twice") != std::string::npos);
    CHECK(fault_of_json(R"([{"a":1},{"a":1}])") == "none");
    CHECK(fault_of_json(R"({"a":{"a":1}})") == "none");
}

TEST_CASE("faults are named with their offset in the file") {
    CHECK(fault_of_json("[1, x]").starts_with("some.json: at offset 104: JSON: "));
    CHECK(fault_of_json("[1] 2").starts_with("some.json: at offset 104: JSON: "));
    CHECK(fault_of_json("{\"a\":").starts_with("some.json: at offset 105: JSON: "));
    CHECK(fault_of_json("").starts_with("some.json: at offset 100: JSON: "));
    CHECK(fault_of_json("[1,]") != "none");
    CHECK(fault_of_json("[\"\xFF\"]") != "none");
    CHECK(fault_of_json("// comment\n1") != "none");
}

TEST_CASE("depth is bounded") {
    CHECK(fault_of_json(std::string(32, '[') + std::string(32, ']')) == "none");
    CHECK(fault_of_json(std::string(33, '[') + std::string(33, ']')).find("deep") != std::string::npos);
}

TEST_CASE("only whole numbers that are not negative are unsigned") {
    CHECK(unloop::as_unsigned(boost::json::parse("18446744073709551615")) == 18446744073709551615U);
    CHECK(unloop::as_unsigned(boost::json::parse("7")) == 7U);
    for (const char* text : {"-1", "2.0", "1e3", "18446744073709551616", "\"7\"", "null", "true"})
        CHECK_FALSE(unloop::as_unsigned(boost::json::parse(text)));
}
