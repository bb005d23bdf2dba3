// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tokens decoded one at a time against all at once.
#include <unloop/io/stream_decoder.hpp>

#include "byte_level_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

namespace {

std::string streamed(const byte_level_tokenizer& tokenizer, const std::vector<token_id>& ids, decode_options options) {
    stream_decoder decoder(tokenizer, options);
    std::string text;
    for (const token_id id : ids) {
        const auto part = decoder.push(id);
        for (std::size_t at = 0; at < part.size(); at += decode_utf8(part, at).length)
            REQUIRE(decode_utf8(part, at).status == utf8_status::complete);
        text += part;
    }
    return text + decoder.finish();
}

}  // namespace

TEST_CASE("a stream gives the text of the tokenizers package, in whole code points", "[stream_decoder]") {
    for (const char* file : {"tokenizer/bytelevel/strings.jsonl", "tokenizer/bytelevel/decode.jsonl"})
        for (const auto& row : tests::read_golden_lines(file)) {
            const auto ids = tests::ids_of(row.at("ids"));
            INFO(row);
            CHECK(streamed(tests::golden_byte_level(), ids, {}) == tests::text_of(row.at("decoded")));
            CHECK(streamed(tests::golden_byte_level(), ids, {.skip_special = true}) ==
                  tests::text_of(row.at("decoded_skip_special")));
        }
}

TEST_CASE("a streaming decoder waits for whole code points and begins again", "[stream_decoder]") {
    const auto& tokenizer = tests::golden_byte_level();
    const auto ids = tokenizer.encode("\xE4\xBD\xA0\xE5\xA5\xBD");  // two characters, of which no token is a whole one
    stream_decoder decoder(tokenizer);
    std::vector<std::string> parts;
    for (const token_id id : ids) parts.push_back(decoder.push(id));
    REQUIRE(parts.size() > 2);
    CHECK(parts.front().empty());
    CHECK(parts.back() == "\xE5\xA5\xBD");
    CHECK(decoder.finish().empty());
    CHECK(decoder.push(ids[0]).empty());
    CHECK(decoder.finish() == "\xEF\xBF\xBD");
    CHECK(decoder.push(81) == "a");
    CHECK_THROWS_AS(decoder.push(-1), error);
    CHECK_THROWS_AS(decoder.push(2000), error);
}
