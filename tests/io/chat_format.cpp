// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// ChatML against the prompts of the real model.
#include <unloop/io/chat_format.hpp>

#include "byte_level_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

static_assert(chat_format<chatml>);

TEST_CASE("SmolLM2's prompts are rendered as its template does", "[chat_format]") {
    const chatml format{"You are a helpful AI assistant named SmolLM, trained by Hugging Face"};
    int chats = 0;
    for (const auto& row : tests::smollm2_cases()) {
        if (!row.chat) continue;
        CHECK(format.render(std::vector<chat_message>{{"user", row.text}}, {.add_generation_prompt = true}) ==
              row.prompt);
        ++chats;
    }
    CHECK(chats == 6);
}

TEST_CASE("the default system message gives way to another", "[chat_format]") {
    const chatml format{"D"};
    const std::vector<chat_message> messages = {{"system", "S"}, {"user", "U"}};
    CHECK(format.render(messages, {.add_generation_prompt = false}) ==
          "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n");
    CHECK(format.render({}, {.add_generation_prompt = false}).empty());
    CHECK(chatml{}.render(std::vector<chat_message>{{"user", "U"}}, {.add_generation_prompt = false}) ==
          "<|im_start|>user\nU<|im_end|>\n");
}
