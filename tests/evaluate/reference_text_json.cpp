// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reference texts as people write them, and those of examples/probes.
#include <unloop/evaluate/reference_text_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

#include "support/fault_of.hpp"

using namespace unloop;

namespace {

text_suite example_texts(const std::string& name) {
    return read_text_suite(std::string(UNLOOP_TEST_DATA) + "/../../examples/probes/" + name + ".json");
}

std::string fault_of_texts(const std::string& text) {
    return test::fault_of([&] { (void)parse_text_suite(text, "t.json"); });
}

}  // namespace

TEST_CASE("texts are read with their role, and picked by it", "[reference_text]") {
    const text_suite suite = parse_text_suite(
        R"({"name": "n", "texts": [{"name": "a", "kind": "list", "role": "fit", "prompt": "p", "text": "x"},
            {"name": "b", "kind": "prose", "role": "report", "text": "y"},
            {"name": "c", "kind": "list", "role": "report", "text": "z"}]})",
        "t.json");
    REQUIRE(suite.texts.size() == 3);
    CHECK(suite.texts[0].prompt == "p");
    CHECK(suite.texts[1].prompt.empty());
    CHECK(texts_of(suite, data_role::fit).texts.at(0).name == "a");
    CHECK(texts_of(suite, data_role::report).texts.size() == 2);
    REQUIRE(texts_of(suite, data_role::report, "list").texts.size() == 1);
    CHECK(texts_of(suite, data_role::report, "list").texts[0].name == "c");
    CHECK(texts_of(suite, data_role::select).texts.empty());
}

TEST_CASE("errors of texts name the file and the place", "[reference_text]") {
    CHECK(fault_of_texts(R"({"name": "n", "texts": []})") == "t.json: 'texts': is empty");
    CHECK(fault_of_texts(R"({"name": "n", "texts": [{"name": "a", "kind": "k", "role": "fit"}]})") ==
          "t.json: 'texts[0]': has no 'text'");
    CHECK(fault_of_texts(R"({"name": "n", "texts": [{"name": "a", "kind": "k", "role": "fit", "txt": "x"}]})") ==
          "t.json: 'texts[0]': has a key that is not known: 'txt'");
}

TEST_CASE("the example texts have names and words of their own, for every role", "[reference_text]") {
    std::set<std::string> names, words;
    std::size_t count = 0;
    for (const char* const file : {"texts", "legitimate_repetition"}) {
        const text_suite suite = example_texts(file);
        for (const reference_text& text : suite.texts) names.insert(text.name), words.insert(text.text), ++count;
        CHECK_FALSE(texts_of(suite, data_role::select).texts.empty());
        CHECK_FALSE(texts_of(suite, data_role::report).texts.empty());
    }
    CHECK(names.size() == count);
    CHECK(words.size() == count);
    for (const char* const kind : {"list", "prose", "code"})
        for (const data_role role : {data_role::fit, data_role::select, data_role::report})
            CHECK(texts_of(example_texts("texts"), role, kind).texts.size() >= 2);
}
