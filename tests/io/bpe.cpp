// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Merging against the definition of byte-pair encoding.
#include <unloop/io/bpe.hpp>

#include <unloop/core/random.hpp>
#include <unloop/io/byte_level.hpp>

#include "byte_level_goldens.hpp"
#include "support/fault_of.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <string>
#include <vector>

using namespace unloop;

namespace {

/// The definition: while any pair merges, the one of lowest rank does, leftmost first.
std::vector<token_id> merged_by_definition(const merge_table& merges, std::vector<token_id> ids) {
    for (;;) {
        merge best;
        std::size_t where = 0;
        for (std::size_t at = 0; at + 1 < ids.size(); ++at)
            if (const auto found = merges.find(ids[at], ids[at + 1]); found.rank < best.rank) {
                best = found;
                where = at;
            }
        if (best.token < 0) return ids;
        ids[where] = best.token;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(where) + 1);
    }
}

/// A vocabulary in which "a" to "d" and all that the random merges make of them are tokens.
tokenizer_data data_of_random_merges(std::uint64_t seed, std::size_t merges) {
    random_sequence random(seed);
    tokenizer_data data;
    data.model = "gpt2";
    data.tokens = {"a", "b", "c", "d"};
    while (data.merges.size() < merges) {
        const auto& left = data.tokens[random.below(data.tokens.size())];
        const auto& right = data.tokens[random.below(data.tokens.size())];
        const merge_pair pair{left, right};
        if (std::find(data.merges.begin(), data.merges.end(), pair) != data.merges.end()) continue;
        const auto both = left + right;
        if (std::find(data.tokens.begin(), data.tokens.end(), both) == data.tokens.end()) data.tokens.push_back(both);
        data.merges.push_back(pair);
    }
    return data;
}

}  // namespace

TEST_CASE("random merges on random symbols follow the definition", "[bpe]") {
    bpe_merger merger;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto data = data_of_random_merges(seed, 2 + seed % 30);
        const vocabulary words(data);
        const merge_table merges(data, words);
        random_sequence random(seed, 1);
        for (std::size_t length = 0; length < 60; length += 1 + length / 8) {
            std::vector<token_id> ids(length);
            for (auto& id : ids) id = static_cast<token_id>(random.below(4));
            auto result = ids;
            result.insert(result.begin(), {9, 9});  // what stands before `begin` stays
            merger(merges, result, 2);
            REQUIRE(std::vector<token_id>(result.begin(), result.begin() + 2) == std::vector<token_id>{9, 9});
            REQUIRE(std::vector<token_id>(result.begin() + 2, result.end()) == merged_by_definition(merges, ids));
        }
    }
}

TEST_CASE("a piece of a megabyte costs no more than n log n", "[bpe]") {
    const auto data = tests::byte_level_data();
    const vocabulary words(data);
    const bpe<byte_symbols> engine(data, words);
    bpe_merger merger;
    random_sequence random(5);
    const auto seconds = [&](std::size_t length) {
        std::string piece(length, ' ');
        for (char& byte : piece) byte = static_cast<char>('a' + random.below(26));
        std::vector<token_id> ids;
        const auto start = std::chrono::steady_clock::now();
        engine.encode(piece, unknown_symbols::refuse, merger, ids);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        REQUIRE(ids.size() > length / 8);
        REQUIRE(ids.size() < length);
        return taken.count();
    };
    static_cast<void>(seconds(1 << 16));  // memory grows here
    const double small = seconds(1 << 16);
    const double large = seconds(1 << 20);
    CHECK(large < 16 * 8 * small + 0.5);  // 16 times the length; quadratic would be 256 times the time
}

TEST_CASE("merges that do not fit the vocabulary are refused by number", "[bpe]") {
    tokenizer_data data;
    data.model = "gpt2";
    data.tokens = {"a", "b", "ab"};
    data.merges = {{"a", "b"}, {"ab", "a"}};
    const vocabulary words(data);
    const std::string fault = test::fault_of([&] { const merge_table merges(data, words); });
    CHECK(fault.find("merge 1 ('ab' 'a') needs 'aba'") != std::string::npos);
    data.merges = {{"a", "c"}};
    CHECK_THROWS_AS(merge_table(data, words), error);
}

TEST_CASE("of equal merges the first counts", "[bpe]") {
    tokenizer_data data;
    data.model = "gpt2";
    data.tokens = {"a", "b", "ab", "ba"};
    data.merges = {{"a", "b"}, {"b", "a"}, {"a", "b"}};
    const vocabulary words(data);
    const merge_table merges(data, words);
    CHECK(merges.find(0, 1).rank == 0);
    CHECK(merges.find(1, 0).rank == 1);
    CHECK(merges.find(1, 0).token == 3);
    CHECK(merges.find(0, 0).token == -1);
    CHECK(merges.find(2, 3).token == -1);
}
