// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Whole tokenizers against the tokenizers package, and round trips.
#include <unloop/io/tokenizer.hpp>

#include <unloop/core/random.hpp>

#include "byte_level_goldens.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace unloop;

static_assert(text_tokenizer<byte_level_tokenizer>);

namespace {

void check_decoding(const boost::json::value& row) {
    const auto ids = tests::ids_of(row.at("ids"));
    CHECK(tests::golden_byte_level().decode(ids) == tests::text_of(row.at("decoded")));
    CHECK(tests::golden_byte_level().decode(ids, {.skip_special = true}) ==
          tests::text_of(row.at("decoded_skip_special")));
}

std::string bytes_of(const byte_level_tokenizer& tokenizer, const std::vector<token_id>& ids) {
    std::string bytes;
    for (const token_id id : ids) bytes += tokenizer.token_bytes(id);
    return bytes;
}

}  // namespace

TEST_CASE("429 texts have the ids of the tokenizers package", "[tokenizer]") {
    const auto rows = tests::read_golden_lines("tokenizer/bytelevel/strings.jsonl");
    REQUIRE(rows.size() == 429);
    for (const auto& row : rows) {
        const auto text = tests::text_of(row.at("text"));
        INFO(text);
        CHECK(tests::golden_byte_level().encode(text) == tests::ids_of(row.at("ids")));
        check_decoding(row);
    }
}

TEST_CASE("107 sequences of ids have the text of the tokenizers package", "[tokenizer]") {
    const auto rows = tests::read_golden_lines("tokenizer/bytelevel/decode.jsonl");
    REQUIRE(rows.size() == 107);
    for (const auto& row : rows) {
        INFO(row);
        check_decoding(row);
    }
}

TEST_CASE("random text and random bytes come back", "[tokenizer]") {
    random_sequence random(1);
    for (int trial = 0; trial < 400; ++trial) {
        std::string text;
        for (std::uint64_t left = random.below(80); left > 0; --left) {
            const auto code_point = static_cast<char32_t>(random.below(random.below(2) == 0 ? 0x250 : 0x110000));
            if (code_point < 0xD800 || code_point >= 0xE000) append_utf8(text, code_point);
        }
        REQUIRE(tests::golden_byte_level().decode(tests::golden_byte_level().encode(text)) == text);
        std::string bytes(random.below(200), '\0');
        for (char& byte : bytes) byte = static_cast<char>(random.below(256));
        REQUIRE(bytes_of(tests::golden_byte_level(), tests::golden_byte_level().encode(bytes)) == bytes);
    }
}

TEST_CASE("special tokens as text", "[tokenizer]") {
    const auto& tokenizer = tests::golden_byte_level();
    const std::string text = "<|im_start|>user";
    const auto ids = tokenizer.encode(text, {.parse_special = false});
    CHECK(ids.size() > tokenizer.encode(text).size());
    for (const token_id id : ids) CHECK(!tokenizer.is_special(id));
    CHECK(tokenizer.decode(ids) == text);
    CHECK(tokenizer.is_special(*tokenizer.words().find("<|im_start|>")));
}

TEST_CASE("bos and eos are added where the vocabulary asks for them", "[tokenizer]") {
    auto data = tests::byte_level_data();
    data.bos = 1;
    data.eos = 2;
    const auto plain = tests::golden_byte_level().encode("Hello");
    CHECK(byte_level_tokenizer(data).encode("Hello") == plain);
    data.add_bos = data.add_eos = true;
    const byte_level_tokenizer tokenizer(data);
    auto expected = plain;
    expected.insert(expected.begin(), 1);
    expected.push_back(2);
    CHECK(tokenizer.encode("Hello") == expected);
    CHECK(tokenizer.encode("Hello", {.add_special = false}) == plain);
    CHECK(tokenizer.bos() == 1);
    CHECK(tokenizer.eos() == 2);
    data.bos.reset();
    CHECK_THROWS_AS(byte_level_tokenizer(data), error);
    data.bos = 2000;
    CHECK_THROWS_AS(byte_level_tokenizer(data), error);
}

TEST_CASE("long inputs tell how far they are, with the same result, and can be stopped", "[tokenizer]") {
    const auto& tokenizer = tests::golden_byte_level();
    std::string text;
    while (text.size() < 300000) text += "The quick brown fox; ";
    std::vector<std::int64_t> told;
    const auto listen = [&](const progress_event& event) {
        told.push_back(event.done);
        return event.total >= event.done;
    };
    const auto ids = tokenizer.encode(text, {}, listen);
    CHECK((ids == tokenizer.encode(text)));
    CHECK(told.size() == 5);  // at the start, then every 65,536 bytes
    CHECK(std::is_sorted(told.begin(), told.end()));
    told.clear();
    CHECK((tokenizer.decode(ids, {}, listen) == text));
    CHECK(told.size() == 1 + (ids.size() - 1) / 65536);
    const auto stop = [](const progress_event& event) { return event.done < 65536; };
    CHECK_THROWS_AS(tokenizer.encode(text, {}, stop), error);
    CHECK_THROWS_AS(tokenizer.decode(std::vector<token_id>(70000, ids.front()), {}, stop), error);
}

TEST_CASE("a copied and moved tokenizer is whole", "[tokenizer]") {
    auto copy = tests::golden_byte_level();
    const auto moved = std::move(copy);
    CHECK(moved.encode("<|im_start|>Hello world") == tests::golden_byte_level().encode("<|im_start|>Hello world"));
}

TEST_CASE("ids outside the vocabulary are refused", "[tokenizer]") {
    const auto& tokenizer = tests::golden_byte_level();
    for (const token_id id : {-1, 2000}) {
        CHECK_THROWS_AS(tokenizer.decode(std::vector{id}), error);
        CHECK_THROWS_AS(tokenizer.token_bytes(id), error);
    }
}
