// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random tokens said twice.
#include <unloop/evaluate/copying.hpp>

#include <unloop/evaluate/predictions.hpp>

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "golden_model.hpp"

using namespace unloop;

TEST_CASE("the second half is the first again, without control tokens, and its own for each text", "[copying]") {
    const auto model = tests::golden_llama();
    const auto texts = repeated_random_tokens(model, {.texts = 6, .length = 40, .seed = 3});
    REQUIRE(texts.size() == 6);
    std::set<std::vector<token_id>> halves;
    std::set<token_id> seen;
    for (const forced_text& text : texts) {
        REQUIRE(text.tokens.size() == 80);
        CHECK(text.answer == 41);  // the token before it does not tell that the first comes again
        const std::vector<token_id> first(text.tokens.begin(), text.tokens.begin() + 40);
        CHECK(std::vector<token_id>(text.tokens.begin() + 40, text.tokens.end()) == first);
        halves.insert(first);
        for (const token_id token : first) {
            CHECK_FALSE(model.tokenizer().is_special(token));
            seen.insert(token);
        }
    }
    CHECK(halves.size() == 6);
    CHECK(seen.size() > 120);  // of 240 even draws from 269, 159 distinct ones are expected
    const auto fewer = repeated_random_tokens(model, {.texts = 2, .length = 40, .seed = 3});
    CHECK(fewer[1].tokens == texts[1].tokens);
    CHECK(repeated_random_tokens(model, {.texts = 1, .length = 40, .seed = 4})[0].tokens != texts[0].tokens);
}

TEST_CASE("the real model copies, and one without its early neurons does so less", "[copying][real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    plan broken;
    for (std::int32_t neuron = 0; neuron < 1536; ++neuron) broken.edits.push_back({neuron_id{1, neuron}, 0.0F});
    const std::vector<const plan*> plans{nullptr, &broken};
    const auto texts = repeated_random_tokens(model, {.texts = 3, .length = 48});
    const auto scores = score_predictions(model, plans, texts, {.threads = 2});
    CHECK(scores[0].accuracy.mean > 0.5);
    CHECK(scores[0].surprise.mean < 4);
    CHECK(scores[1].accuracy.mean < scores[0].accuracy.mean);
}
