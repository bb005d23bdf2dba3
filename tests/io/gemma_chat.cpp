// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Gemma's chat formats without JSON: what the golden conversations (gemma_chat_json.cpp) do not reach, and white space.
#include <unloop/io/any_chat_format.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "support/fault_of.hpp"

using namespace unloop;

static_assert(chat_format<gemma_chat>);
static_assert(chat_format<gemma_turns>);
static_assert(chat_format<any_chat_format>);

TEST_CASE("white space is trimmed as Python does", "[gemma_chat]") {
    CHECK(trim_spaces(" \t\r\n\x0B\x0C\x1C\x1F"
                      "a b\u0085\u00A0\u1680\u2003\u2028\u202F\u3000") == "a b");
    CHECK(trim_spaces("").empty());
    CHECK(trim_spaces(" \u3000").empty());
    for (const char* text : {"\u200Ba\u200B", "\u180Ea\uFEFF",
                             "\x1B"
                             "a\x08",
                             "\xA0"
                             "a\xA0",
                             "\x80\x80", "\u00E9", "hello \x80\x80", "hello\u3000\x80", "hello \xC2", "hello\x1F\xBF"})
        CHECK(trim_spaces(text) == text);
}

TEST_CASE("an unanswered call of a tool waits for the answer", "[gemma_chat]") {
    const std::vector<chat_message> messages = {{"user", "U"}, {"assistant", "C", "R", {{"1", "f", "a:1"}}}};
    const std::string text =
        "<bos><|turn>user\nU<turn|>\n<|turn>model\n<|channel>thought\nR\n<channel|>"
        "<|tool_call>call:f{a:1}<tool_call|>C<|tool_response>";
    CHECK(gemma_chat{true}.render(messages) == text);
    CHECK(gemma_chat{}.render(messages, {.thinking = true}).ends_with("<tool_call|>C<|tool_response>"));
}

TEST_CASE("answers of tools by id, by name, and unknown", "[gemma_chat]") {
    const std::vector<chat_message> messages = {{"user", "U"},
                                                {"assistant", "", {}, {{"1", "f", ""}, {"2", "g", ""}}},
                                                {"tool", "x", {}, {}, "2"},
                                                {"tool", "y", {}, {}, "3", "h"},
                                                {"tool", "z", {}, {}, "4"}};
    CHECK(gemma_chat{}.render(messages).ends_with(
        "<|tool_call>call:f{}<tool_call|><|tool_call>call:g{}<tool_call|>"
        "<|tool_response>response:g{value:<|\"|>x<|\"|>}<tool_response|>"
        "<|tool_response>response:h{value:<|\"|>y<|\"|>}<tool_response|>"
        "<|tool_response>response:unknown{value:<|\"|>z<|\"|>}<tool_response|>"));
}

TEST_CASE("no messages, and a conversation that begins with an answer", "[gemma_chat]") {
    CHECK(gemma_chat{}.render({}) == "<bos><|turn>model\n");
    CHECK(gemma_chat{true}.render({}, {.add_generation_prompt = false}) == "<bos>");
    CHECK(gemma_chat{}.render(std::vector<chat_message>{{"assistant", "A"}}, {.add_generation_prompt = false}) ==
          "<bos><|turn>model\nA<turn|>\n");
}

TEST_CASE("formats without thinking or tools say so", "[gemma_chat]") {
    CHECK_THROWS_AS(gemma_turns{}.render({}, {.thinking = true}), error);
    CHECK_THROWS_AS(gemma_turns{}.render({}, {.tools = {"t"}}), error);
    CHECK_THROWS_AS(chatml{}.render({}, {.thinking = true}), error);
    CHECK_THROWS_AS(chatml{}.render({}, {.tools = {"t"}}), error);
}

TEST_CASE("published templates are told by their markers, the larger by the empty thought", "[gemma_chat]") {
    const std::string small =
        "{{ bos_token }}{{ '<|turn>' }}{{ '<|think|>\\n' }}{{ '<turn|>\\n' }}{{ '<|tool_call>call:' }}"
        "{{ '<|channel>thought\\n' + thinking_text + '\\n<channel|>' }}";
    const auto kind = [](const std::string& text) { return std::get<gemma_chat>(read_chat_template(text).chosen()); };
    CHECK_FALSE(kind(small).empty_thought);
    CHECK(kind(small + "{{ '<|channel>thought\\n<channel|>' }}").empty_thought);
    CHECK(kind(small + "<|channel>thought\n<channel|>").empty_thought);
    for (const std::string marker : {"<channel|>", "<|think|>", "<|tool_call>"}) {
        std::string text = small;
        text.erase(text.find(marker), marker.size());
        CHECK(test::fault_of([&] { (void)read_chat_template(text); }).ends_with("it has no " + marker));
    }
    CHECK_THROWS_AS(read_chat_template("{{ messages }}"), error);
}
