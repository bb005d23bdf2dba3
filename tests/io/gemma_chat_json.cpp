// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Gemma's format against the templates of transformers: text and ids of every golden conversation, with messages and
// tools read from JSON; and the notation of values that no golden conversation has.
#include <unloop/io/gemma_chat_json.hpp>

#include "tokenizer_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

namespace {

std::string value_of(const std::string& json, bool quoted) {
    const auto value = boost::json::parse(json);
    return detail::gemma_value(json_field(value, "file"), quoted);
}
std::string tool_of(const std::string& json) {
    const auto value = boost::json::parse(json);
    return gemma_tool(json_field(value, "file"));
}
std::vector<chat_message> gemma_messages(const std::string& json) {
    const auto value = boost::json::parse(json);
    return read_gemma_messages(json_field(value, "file"));
}

}  // namespace

TEST_CASE("76 conversations are rendered as by Gemma's templates and have their ids", "[gemma_chat]") {
    const auto rows = tests::read_golden_lines("tokenizer/gemma/chat.jsonl");
    REQUIRE(rows.size() == 76);
    int with_tools = 0;
    for (const auto& row : rows) {
        INFO(row);
        chat_options options{row.at("add_generation_prompt").as_bool(), row.at("enable_thinking").as_bool(), {}};
        if (row.at("tools").is_array())
            for (const auto& tool : row.at("tools").as_array()) options.tools.push_back(gemma_tool({tool, "tools"}));
        with_tools += options.tools.empty() ? 0 : 1;
        const gemma_chat format{tests::text_of(row.at("template")) == "large"};
        const auto text = format.render(read_gemma_messages({row.at("messages"), "messages"}), options);
        CHECK(text == tests::text_of(row.at("rendered")));
        CHECK(tests::gemma_tokenizer().encode(text) == tests::ids_of(row.at("ids")));
    }
    CHECK(with_tools == 12);
}

TEST_CASE("values in Gemma's notation", "[gemma_chat]") {
    CHECK(value_of(R"({"b": [1, -2, true, null, "x"], "A": {"c d": 18446744073709551615}})", false) ==
          R"({A:{c d:18446744073709551615},b:[1,-2,true,null,<|"|>x<|"|>]})");
    CHECK(value_of(R"({"b": 1})", true) == R"({<|"|>b<|"|>:1})");
    CHECK(value_of("[]", false) == "[]");
    // As Python's str prints them.
    CHECK(value_of("[1.0, 0.1, -2.5, 1e15, 1e16, 1.5e300, 1e-4, 1e-5, 0.0]", false) ==
          "[1.0,0.1,-2.5,1000000000000000.0,1e+16,1.5e+300,0.0001,1e-05,0.0]");
}

TEST_CASE("declarations of tools: the parts of a schema in their order", "[gemma_chat]") {
    CHECK(tool_of(R"({"type": "function", "function": {"name": "f", "description": ""}})") ==
          R"(declaration:f{description:<|"|><|"|>})");
    CHECK(tool_of(R"({"function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {
            "z": {"type": "string", "enum": ["p", "q"], "nullable": true},
            "Y": {"type": "array", "items": {"type": "integer", "minimum": 1}, "description": "e"},
            "x": {"type": "object", "properties": {"w": {"type": "number"}}, "required": ["w"]}}}}})") ==
          R"(declaration:f{description:<|"|>d<|"|>,parameters:{properties:{)"
          R"(x:{properties:{w:{type:<|"|>NUMBER<|"|>}},required:[<|"|>w<|"|>],type:<|"|>OBJECT<|"|>},)"
          R"(Y:{description:<|"|>e<|"|>,items:{minimum:1,type:<|"|>INTEGER<|"|>},type:<|"|>ARRAY<|"|>},)"
          R"(z:{enum:[<|"|>p<|"|>,<|"|>q<|"|>],nullable:true,type:<|"|>STRING<|"|>}},type:<|"|>OBJECT<|"|>}})");
    for (const char* json :
         {"{}", R"({"function": {"name": "f"}})", R"({"function": {"name": 1, "description": ""}})",
          R"({"function": {"name": "f", "description": "", "parameters": {"properties": {}, "x": 1}}})",
          R"({"function": {"name": "f", "description": "", "response": {}}})"})
        CHECK_THROWS_AS(tool_of(json), error);
}

TEST_CASE("messages from JSON", "[gemma_chat]") {
    const auto calls = gemma_messages(R"([{"role": "assistant", "content": null, "reasoning": "r", "tool_calls": [
        {"id": "1", "function": {"name": "f", "arguments": " {\"a\": 1} "}}, {"function": {"name": "g"}},
        {"function": {"name": "h", "arguments": {}}}]}])");
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].content.empty());
    CHECK(calls[0].reasoning == "r");
    REQUIRE(calls[0].tool_calls.size() == 3);
    CHECK(calls[0].tool_calls[0].arguments == "\"a\": 1");  // a string is not understood, only its braces are taken
    CHECK(calls[0].tool_calls[1].arguments.empty());
    CHECK(calls[0].tool_calls[2].arguments.empty());
    for (const char* json :
         {"{}", "[1]", R"([{"content": ""}])", R"([{"role": "user", "content": 1}])",
          R"([{"role": "user", "text": ""}])", R"([{"role": "user", "content": [{"type": "image"}]}])",
          R"([{"role": "system", "content": [{"type": "text", "text": "a"}]}])",
          R"([{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": 3}}]}])"})
        CHECK_THROWS_AS(gemma_messages(json), error);
}
