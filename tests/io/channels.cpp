// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Thoughts apart from answers, in text and in tokens.
#include <unloop/io/answer_decoder.hpp>
#include <unloop/io/channels.hpp>

#include "tokenizer_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

namespace {

using strings = std::vector<std::string>;

struct decoded {
    std::string answer, thought;
    friend bool operator==(const decoded&, const decoded&) = default;
};

decoded decode(const any_tokenizer& tokenizer, const std::string& prompt, const std::string& text) {
    const auto ids = tokenizer.encode(prompt, {.add_special = false});
    answer_decoder decoder(tokenizer, ids);
    decoded all;
    const auto take = [&](const auto& piece) {
        all.answer += piece.answer;
        all.thought += piece.thought;
    };
    for (const token_id id : tokenizer.encode(text, {.add_special = false})) take(decoder.push(id));
    take(decoder.finish());
    return all;
}

}  // namespace

TEST_CASE("channels of a text", "[channels]") {
    const auto one = split_channels("<|channel>thought\nadd\n<channel|>It is 2.");
    CHECK(one.answer == "It is 2.");
    CHECK(one.thoughts == strings{"add\n"});
    const auto two = split_channels("a<|channel>thought\nb\nc<channel|> d<|channel>analysis\ne<channel|>");
    CHECK(two.answer == "a d");
    CHECK(two.thoughts == strings{"b\nc", "e"});
    CHECK(split_channels("<|channel>thought\n<channel|>x").thoughts == strings{""});
    CHECK(split_channels("a<|channel>thought\nopen").answer == "a");
    CHECK(split_channels("a<|channel>thought\nopen").thoughts == strings{"open"});
    CHECK(split_channels("a<|channel>thou").thoughts == strings{""});
    CHECK(split_channels("a<channel|>b").answer == "ab");
    CHECK(split_channels("").answer.empty());
    CHECK(split_channels("plain").answer == "plain");
}

TEST_CASE("channels of tokens, one at a time", "[channels]") {
    const auto& gemma = tests::gemma_tokenizer();
    CHECK(decode(gemma, "", "<|channel>thought\nadd\nmore<channel|>It is 2.<turn|>") ==
          decoded{"It is 2.", "add\nmore"});
    CHECK(decode(gemma, "", "a<|channel>thought\nb<channel|>c<|channel>x\nd") == decoded{"ac", "bd"});
    CHECK(decode(gemma, "", "a \u4F60\U0001F600") == decoded{"a \u4F60\U0001F600", ""});
    // Bytes that wait for more when a channel begins or ends stay on their side.
    CHECK(decode(gemma, "", "\xF0\x9F<|channel>thought\n\xF0<channel|>c") == decoded{"\uFFFD\uFFFDc", "\uFFFD"});
}

TEST_CASE("an answer that begins inside a channel", "[channels]") {
    const auto& gemma = tests::gemma_tokenizer();
    const std::string prompt = "<bos><|turn>user\nU<turn|>\n<|turn>model\n";
    CHECK(decode(gemma, prompt + "<|channel>thought\n", "t<channel|>a") == decoded{"a", "t"});
    CHECK(decode(gemma, prompt + "<|channel>thought\n<channel|>", "a") == decoded{"a", ""});
    // What a message says of channels ends with its turn.
    CHECK(decode(gemma, "<|turn>user\nWhat is <|channel>?<turn|>\n<|turn>model\n", "a") == decoded{"a", ""});
}

TEST_CASE("a vocabulary without channels has answers only", "[channels]") {
    const any_tokenizer tokenizer(tests::byte_level_data());
    CHECK(decode(tokenizer, "", "a<|channel>b<channel|>c<|im_end|>") == decoded{"a<|channel>b<channel|>c", ""});
}
