// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Where loops begin, in tokens, whoever found them.
#include <unloop/evaluate/loop_onset.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

TEST_CASE("an exact loop begins with the first token of its block", "[loop_onset]") {
    const auto model = tests::golden_llama();
    record answer;
    answer.reason = stop_reason::length;
    answer.tokens = {9, 8, 7};
    while (answer.tokens.size() < 150) answer.tokens.push_back(static_cast<token_id>(20 + answer.tokens.size() % 5));
    CHECK(loop_lifetime(model, answer) == lifetime{3, true});
}

TEST_CASE("a collapsing list begins to loop with the first of its items, and others live to their end",
          "[loop_onset]") {
    const auto model = tests::golden_llama();
    const std::string sound = "1. Neon\n2. Argon\n3. Xenon\n4. Radon\n";
    std::string text = sound;
    for (int i = 5; i < 40; ++i) text += std::to_string(i) + ". Krypton\n";
    record answer;
    answer.reason = stop_reason::length;
    answer.text = text;
    answer.tokens = model.tokenizer().encode(text, {.add_special = false});
    const auto found = outcome_rule<>{}.loop_of(answer);
    REQUIRE(found);
    REQUIRE(found->what == outcome::collapse);
    const std::size_t byte = list_items(text, answer_end::cut).at(static_cast<std::size_t>(found->where.start)).begin;
    const lifetime seen = loop_lifetime(model, answer);
    CHECK(seen.looped);
    const std::span<const token_id> tokens(answer.tokens);
    CHECK(model.tokenizer().decode(tokens.first(seen.tokens)).size() <= byte);
    CHECK(model.tokenizer().decode(tokens.first(seen.tokens + 1)).size() > byte);

    answer.text = sound;
    answer.tokens = model.tokenizer().encode(sound, {.add_special = false});
    answer.reason = stop_reason::end_token;
    CHECK(loop_lifetime(model, answer) == lifetime{answer.tokens.size(), false});
    CHECK(loop_lifetimes(model, std::span(&answer, 1)).size() == 1);
}
