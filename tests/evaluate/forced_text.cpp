// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Texts as tokens: what is context and what is to be predicted.
#include <unloop/evaluate/forced_text.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "golden_model.hpp"

using namespace unloop;

TEST_CASE("a passage is predicted from its second token on", "[forced_text]") {
    const auto model = tests::golden_llama();
    const text_suite suite{"s", {{"p", "prose", data_role::report, "", "the rain in the air"}}};
    const forced_text forced = force(model, suite).at(0);
    CHECK(forced.name == "p");
    CHECK(forced.answer == 1);
    CHECK(forced.tokens == model.tokenizer().encode("the rain in the air"));
    CHECK_THROWS_AS(force(model, reference_text{"short", "prose", data_role::report, "", "x"}), error);
    CHECK_THROWS_AS(force(model, reference_text{"no template", "list", data_role::report, "p", "x"}), error);
}

TEST_CASE("a recorded answer is predicted after its prompt", "[forced_text]") {
    record answer;
    answer.prompt = {5, 6, 7};
    answer.tokens = {8, 2};
    const forced_text forced = force(answer, "r");
    CHECK(forced.name == "r");
    CHECK(forced.tokens == std::vector<token_id>{5, 6, 7, 8, 2});
    CHECK(forced.answer == 3);
}

TEST_CASE("after a chat prompt, the answer and the end token are predicted", "[forced_text][real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    const forced_text forced = force(model, reference_text{"s", "list", data_role::report, "Say a.", "a\n<|im_end|>"});
    const auto prompt = encode_prompt(model, chat{"Say a."});
    REQUIRE(forced.answer == prompt.size());
    CHECK(std::vector<token_id>(forced.tokens.begin(),
                                forced.tokens.begin() + static_cast<std::ptrdiff_t>(prompt.size())) == prompt);
    CHECK(forced.tokens.back() == *model.tokenizer().eos());
    // The end token's name within the text is text and no control token.
    const auto eos = *model.tokenizer().eos();
    CHECK(std::count(forced.tokens.begin() + static_cast<std::ptrdiff_t>(forced.answer), forced.tokens.end(), eos) ==
          1);
}
