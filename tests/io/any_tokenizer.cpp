// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Both families of tokenizers in one type, against the tokenizers package; round trips; long texts.
#include <unloop/io/any_tokenizer.hpp>

#include <unloop/core/random.hpp>
#include <unloop/io/stream_decoder.hpp>

#include <laws/text_tokenizer.hpp>

#include "support/fault_of.hpp"
#include "tokenizer_goldens.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <string>
#include <vector>

using namespace unloop;

static_assert(text_tokenizer<any_tokenizer>);
static_assert(text_tokenizer<byte_fallback_tokenizer>);

namespace {

std::string streamed(const any_tokenizer& tokenizer, const std::vector<token_id>& ids, decode_options options) {
    stream_decoder decoder(tokenizer, options);
    std::string text;
    for (const token_id id : ids) {
        const auto part = decoder.push(id);
        REQUIRE(is_utf8(part));
        text += part;
    }
    return text + decoder.finish();
}

void check_decoding(const any_tokenizer& tokenizer, const boost::json::value& row) {
    const auto ids = tests::ids_of(row.at("ids"));
    const decode_options plain{.skip_special = true};
    CHECK(tokenizer.decode(ids) == tests::text_of(row.at("decoded")));
    CHECK(tokenizer.decode(ids, plain) == tests::text_of(row.at("decoded_skip_special")));
    CHECK(streamed(tokenizer, ids, {}) == tests::text_of(row.at("decoded")));
    CHECK(streamed(tokenizer, ids, plain) == tests::text_of(row.at("decoded_skip_special")));
}

std::string bytes_of(const any_tokenizer& tokenizer, const std::vector<token_id>& ids) {
    std::string bytes;
    for (const token_id id : ids) bytes += tokenizer.token_bytes(id);
    return bytes;
}

}  // namespace

TEST_CASE("every golden text has the ids of the tokenizers package, and they its text", "[any_tokenizer]") {
    for (const std::string kind : {"gemma", "bytelevel"}) {
        const any_tokenizer tokenizer = tests::read_golden_tokenizer(kind);
        const auto rows = tests::read_golden_lines("tokenizer/" + kind + "/strings.jsonl");
        REQUIRE(rows.size() == 429);
        for (const auto& row : rows) {
            const auto text = tests::text_of(row.at("text"));
            INFO(kind << ": " << text);
            CHECK(tokenizer.encode(text) == tests::ids_of(row.at("ids")));
            check_decoding(tokenizer, row);
        }
    }
}

TEST_CASE("every golden list of ids has the text of the tokenizers package", "[any_tokenizer]") {
    for (const std::string kind : {"gemma", "bytelevel"}) {
        const any_tokenizer tokenizer = tests::read_golden_tokenizer(kind);
        const auto rows = tests::read_golden_lines("tokenizer/" + kind + "/decode.jsonl");
        REQUIRE(rows.size() == (kind == "gemma" ? 126 : 107));
        for (const auto& row : rows) {
            INFO(row);
            check_decoding(tokenizer, row);
        }
    }
}

TEST_CASE("both tokenizers keep the laws, and a broken one is told", "[any_tokenizer]") {
    const std::vector<std::string_view> texts = {"Hello  world\n", "\u4F60\u597D \U0001F600 12", "a<b>\t'don't", " "};
    for (const std::string kind : {"gemma", "bytelevel"})
        CHECK(laws::broken_tokenizer_laws(tests::read_golden_tokenizer(kind), texts) == std::vector<std::string>{});
    const std::vector<std::string_view> lossy = {"a\u2581b"};  // comes back as a space
    CHECK(laws::broken_tokenizer_laws(tests::gemma_tokenizer(), lossy).size() == 2);
    tokenizer_data data = tests::byte_level_data();
    using merged_in_bytes = basic_tokenizer<no_normalizer, word_splitter, bpe<byte_symbols>, byte_fallback_decoder>;
    CHECK(laws::broken_tokenizer_laws(merged_in_bytes(data), texts) ==
          std::vector<std::string>{"bytes: those of a text's tokens are the text", "round trip: a text comes back"});
}

TEST_CASE("random text and random bytes come back from Gemma's tokens", "[any_tokenizer]") {
    const auto& tokenizer = tests::gemma_tokenizer();
    random_sequence random(1);
    for (int trial = 0; trial < 400; ++trial) {
        std::string text;
        for (std::uint64_t left = random.below(80); left > 0; --left) {
            const auto code_point = static_cast<char32_t>(random.below(random.below(2) == 0 ? 0x250 : 0x110000));
            const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
            if (!surrogate && code_point != 0x2581) append_utf8(text, code_point);
        }
        REQUIRE(tokenizer.decode(tokenizer.encode(text)) == text);
        std::string bytes(random.below(200), '\0');
        for (char& byte : bytes) byte = static_cast<char>(random.below(256));
        REQUIRE(bytes_of(tokenizer, tokenizer.encode(bytes)) == bytes);
    }
    CHECK(tokenizer.decode(tokenizer.encode("a\u2581b")) == "a b");
}

TEST_CASE("a megabyte without a cut costs no more than n log n", "[any_tokenizer]") {
    const auto& tokenizer = tests::gemma_tokenizer();
    random_sequence random(5);
    const auto seconds = [&](std::size_t length) {
        std::string text(length, ' ');
        for (char& byte : text) byte = static_cast<char>(random.below(6) == 0 ? ' ' : 'a' + random.below(26));
        const auto start = std::chrono::steady_clock::now();
        const auto ids = tokenizer.encode(text);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        REQUIRE(ids.size() > length / 8);
        REQUIRE(ids.size() < length);
        return taken.count();
    };
    static_cast<void>(seconds(1 << 16));
    const double small = seconds(1 << 16);
    const double large = seconds(1 << 20);
    CHECK(large < 16 * 8 * small + 0.5);  // 16 times the length; quadratic would be 256 times the time
}

TEST_CASE("a streaming decoder holds a run of byte tokens until it ends", "[any_tokenizer]") {
    const auto& tokenizer = tests::gemma_tokenizer();
    const auto byte = [&](const char* text) { return *tokenizer.words().find(text); };
    stream_decoder decoder(tokenizer);
    CHECK(decoder.push(byte("<0xC3>")).empty());
    CHECK(decoder.push(byte("<0xA9>")).empty());
    CHECK(decoder.push(*tokenizer.words().find("a")) == "\u00E9a");
    CHECK(decoder.push(byte("<0xC3>")).empty());
    CHECK(decoder.finish() == "\uFFFD");
    CHECK(decoder.finish().empty());
}

TEST_CASE("what ends an answer, and what closes a turn", "[any_tokenizer]") {
    tokenizer_data data;
    data.model = "gpt2";
    data.pre_tokenizer = "gpt-2";
    data.tokens = {"a", "b", "c", "d"};
    CHECK_FALSE(any_tokenizer(data).ends_answer(0));
    CHECK_FALSE(any_tokenizer(data).turn_end());
    data.eos = 1;
    CHECK(any_tokenizer(data).ends_answer(1));
    CHECK(any_tokenizer(data).turn_end() == 1);
    data.ends = {2, 3};
    data.turn_end = 3;
    const any_tokenizer several(data);
    CHECK(several.ends_answer(2));
    CHECK(several.ends_answer(3));
    CHECK_FALSE(several.ends_answer(1));
    CHECK(several.turn_end() == 3);
    CHECK(several.eos() == 1);
    data.ends = {4};
    CHECK_THROWS_AS(any_tokenizer(data), error);
}

TEST_CASE("a model that no tokenizer has is refused by name", "[any_tokenizer]") {
    tokenizer_data data;
    data.model = "llama";
    data.tokens = {"a"};
    const std::string fault = test::fault_of([&] { (void)any_tokenizer(data); });
    CHECK(fault.ends_with("unknown model 'llama' (known: gpt2, gemma4)"));
}
