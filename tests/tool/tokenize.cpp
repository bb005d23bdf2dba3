// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop tokenize: what is encoded decodes to the same bytes.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

using tool::llama;
using tool::run;

tool::outcome tokenize(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), {"tokenize", "--model", llama});
    return run(arguments, input);
}

}  // namespace

TEST_CASE("texts come back byte for byte", "[tool]") {
    for (const std::string text :
         {"dog breeds", "  two  blanks\n\n", "caf\u00e9 \u732b \U0001F600", "x", "{\"text\":1}\n"}) {
        INFO(text);
        const auto ids = tokenize({}, text);
        REQUIRE(ids.code == 0);
        CHECK(ids.out.find_first_not_of("0123456789 \n") == std::string::npos);
        const auto back = tokenize({"--decode"}, ids.out);
        CHECK(back.code == 0);
        CHECK(back.out == text);
        CHECK(tokenize({"--text", text}).out == ids.out);
    }
    CHECK(tokenize({}, "").out == "\n");
    CHECK(tokenize({"--decode"}, " \n").out.empty());
}

TEST_CASE("control tokens are found, unless the text is to be plain", "[tool]") {
    CHECK(tokenize({"--text", "<|im_start|>"}).out == "1\n");
    const auto plain = tokenize({"--plain", "--text", "<|im_start|>"});
    CHECK(plain.out != "1\n");
    CHECK(tokenize({"--decode"}, plain.out).out == "<|im_start|>");
    CHECK(tokenize({"--decode", "--text", "1"}).out == "<|im_start|>");
    CHECK(tokenize({"--decode", "--plain", "--text", "1"}).out.empty());
}

TEST_CASE("JSON lines go both ways", "[tool]") {
    const auto ids = tokenize({"--jsonl"}, "{\"text\":\"dog\"}\n{\"text\":\"a\\nb\"}\n");
    REQUIRE(ids.code == 0);
    CHECK(ids.out.starts_with("{\"text\":\"dog\",\"ids\":["));
    const auto back = tokenize({"--jsonl", "--decode"}, ids.out);
    CHECK(back.out == ids.out);
    CHECK(tokenize({"--jsonl"}, "{\"ids\":[1]}\n").failed_on_one_line(3));
    CHECK(tokenize({"--jsonl", "--decode"}, "{\"text\":\"a\"}\n").failed_on_one_line(3));
    const auto one = tokenize({"--json", "--text", "dog"}).json();
    CHECK(ids.out.starts_with(R"({"text":"dog","ids":)" + boost::json::serialize(one.at("ids")) + "}\n"));
    CHECK(one.at("origin").at("model").at("name").as_string() == "golden llama");
}

TEST_CASE("what cannot be tokenized is refused, and without a tokenizer the error says what to do", "[tool]") {
    const auto bare = tool::run({"tokenize", "--model", test::golden("models/llama"), "--text", "a"});
    CHECK(bare.failed_on_one_line(3));
    CHECK(bare.err.find("tokenizer") != std::string::npos);
    CHECK(tokenize({"--decode", "--text", "1 two"}).failed_on_one_line(2));
    CHECK(tokenize({"--text", "a", "file"}).failed_on_one_line(2));
}
