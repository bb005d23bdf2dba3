// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tokens by id and by text.
#include <unloop/io/vocabulary.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "support/fault_of.hpp"

using namespace unloop;

TEST_CASE("a vocabulary answers by id and by text", "[vocabulary]") {
    tokenizer_data data;
    data.tokens = {"a", "<s>", "a", "<unk>", "<x>"};
    data.kinds = {token_kind::normal, token_kind::control, token_kind::normal, token_kind::unknown,
                  token_kind::user_defined};
    const vocabulary original(data);
    data.tokens.clear();
    const vocabulary words = original;  // a copy keeps its own texts
    CHECK(words.size() == 5);
    CHECK(words.text(1) == "<s>");
    CHECK(words.kind(4) == token_kind::user_defined);
    CHECK(words.find("a") == 0);
    CHECK(words.find("<x>") == 4);
    CHECK(!words.find(""));
    CHECK(!words.find("b"));
    CHECK(words.is_special(1));
    CHECK(words.is_special(3));
    CHECK(!words.is_special(0));
    CHECK(!words.is_special(4));
}

TEST_CASE("ids outside a vocabulary are refused by number", "[vocabulary]") {
    tokenizer_data data;
    data.tokens = {"a", "b"};
    const vocabulary words(data);
    CHECK(words.kind(1) == token_kind::normal);
    for (const token_id id : {-1, 2, 1000}) {
        CHECK(!words.contains(id));
        const std::string fault = test::fault_of([&] { (void)words.text(id); });
        CHECK(fault.find("token " + std::to_string(id)) != std::string::npos);
    }
    data.kinds = {token_kind::normal};
    CHECK_THROWS_AS(vocabulary(data), error);
    CHECK_THROWS_AS(vocabulary(tokenizer_data{}), error);
}
