// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Branch tokens and alternatives on answers made by hand, with a tokenizer of words.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/decisions.hpp>

#include <string>
#include <vector>

namespace {

using namespace unloop;

/// Token i is the i-th word; negative-free, nothing special but token 0.
struct words {
    std::vector<std::string> vocabulary{"<end>"};
    [[nodiscard]] bool is_special(token_id id) const { return id == 0; }
    [[nodiscard]] std::string_view token_bytes(token_id id) const { return vocabulary[static_cast<std::size_t>(id)]; }
    std::vector<token_id> encode(const std::vector<std::string>& pieces) {
        std::vector<token_id> ids;
        for (const std::string& piece : pieces) {
            const auto found = std::find(vocabulary.begin(), vocabulary.end(), piece);
            ids.push_back(static_cast<token_id>(found - vocabulary.begin()));
            if (found == vocabulary.end()) vocabulary.push_back(piece);
        }
        return ids;
    }
};

}  // namespace

TEST_CASE("the branch is the first token with which the line matches one earlier item") {
    words tokenizer;
    // Item 3 repeats item 1. "Golden" alone could become either of two; "Retriever" commits.
    const auto tokens = tokenizer.encode({"1", ".", " Golden", " Retriever", "\n", "2", ".", " Golden", " Doodle", "\n",
                                          "3", ".", " Golden", " Retriever", "\n", "4", ".", " Poodle", "\n"});
    const auto branches = branch_tokens(token_text(tokenizer, tokens));
    REQUIRE(branches.size() == 1);
    CHECK(branches[0].token == 13);
    CHECK(branches[0].copy == 2);
    CHECK(branches[0].prefix == "Golden");
    CHECK(branches[0].listed == std::vector<std::string>{"Golden Retriever", "Golden Doodle"});
}

TEST_CASE("only second and third copies branch, and an answer without repeats has none") {
    words tokenizer;
    std::vector<std::string> pieces;
    for (int copy = 0; copy < 5; ++copy) pieces.insert(pieces.end(), {"-", " Cat", "\n"});
    const auto branches = branch_tokens(token_text(tokenizer, tokenizer.encode(pieces)));
    REQUIRE(branches.size() == 2);
    CHECK((branches[0].token == 4 && branches[0].copy == 2));
    CHECK((branches[1].token == 7 && branches[1].copy == 3));
    CHECK(branch_tokens(token_text(tokenizer, tokenizer.encode({"-", " Cat", "\n", "-", " Dog", "\n"}))).empty());
}

TEST_CASE("alternatives are good tokens that neither repeat, nor end, nor count") {
    words tokenizer;
    const auto ids = tokenizer.encode({" Golden", " Lab", "\n", " 7", " Poodle", " \"", " Beagle", " Gold"});
    const branch_token at{0, 2, "", {"Golden Retriever", "Labrador"}};
    std::vector<float> logits(tokenizer.vocabulary.size());
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i);
    logits[0] = 100;  // the end token is the best
    const auto kept = detail::frozen_alternatives(tokenizer, logits, ids[0], at, {});
    CHECK(kept == std::vector<token_id>{ids[6], ids[4]});
    CHECK(detail::frozen_alternatives(tokenizer, logits, ids[0], at, {.alternatives = 1}) ==
          std::vector<token_id>{ids[6]});
}

TEST_CASE("a loop without items offers every offset of copies two and three") {
    std::vector<token_id> tokens{9, 8};
    for (int copy = 0; copy < 12; ++copy) tokens.insert(tokens.end(), {1, 2, 3, 4});
    const auto branches = detail::periodic_branches(tokens);
    REQUIRE(branches.size() == 8);
    CHECK((branches[0].token == 6 && branches[0].copy == 2));
    CHECK((branches[7].token == 13 && branches[7].copy == 3));
    CHECK(detail::periodic_branches(std::vector<token_id>{1, 2, 3}).empty());
}
