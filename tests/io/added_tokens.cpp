// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Added tokens in raw text.
#include <unloop/io/added_tokens.hpp>

#include <unloop/core/random.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace unloop;

namespace {

using text_parts = std::vector<std::pair<token_id, std::string>>;  // -1: text

tokenizer_data overlapping_tokens() {
    tokenizer_data data;
    data.tokens = {"<", "<s>", "<s>>", "ss", "s", "<unk>", ""};
    data.kinds = {token_kind::normal, token_kind::control, token_kind::user_defined, token_kind::user_defined,
                  token_kind::unused, token_kind::unknown, token_kind::control};
    return data;
}

text_parts split(const tokenizer_data& data, std::string_view text, bool special) {
    text_parts found;
    const vocabulary words(data);
    added_tokens(words).split(
        text, special, [&](std::string_view part) { found.emplace_back(-1, part); },
        [&](token_id id) { found.emplace_back(id, words.text(id)); });
    return found;
}

/// The definition: at every place try every token.
text_parts split_by_definition(const tokenizer_data& data, std::string_view text, bool special) {
    text_parts found;
    std::string plain;
    while (!text.empty()) {
        std::size_t best = data.tokens.size();
        for (std::size_t id = 0; id < data.tokens.size(); ++id) {
            const auto kind = data.kinds[id];
            const bool counts = kind == token_kind::user_defined ||
                                (special && (kind == token_kind::control || kind == token_kind::unknown));
            if (counts && !data.tokens[id].empty() && text.starts_with(data.tokens[id]) &&
                (best == data.tokens.size() || data.tokens[id].size() > data.tokens[best].size()))
                best = id;
        }
        if (best == data.tokens.size()) {
            plain += text[0];
            text.remove_prefix(1);
            continue;
        }
        if (!plain.empty()) found.emplace_back(-1, std::exchange(plain, {}));
        found.emplace_back(static_cast<token_id>(best), data.tokens[best]);
        text.remove_prefix(data.tokens[best].size());
    }
    if (!plain.empty()) found.emplace_back(-1, plain);
    return found;
}

}  // namespace

TEST_CASE("leftmost first, then longest", "[added_tokens]") {
    CHECK(split(overlapping_tokens(), "a<s>>b<s>ss<unk>", true) ==
          text_parts{{-1, "a"}, {2, "<s>>"}, {-1, "b"}, {1, "<s>"}, {3, "ss"}, {5, "<unk>"}});
    CHECK(split(overlapping_tokens(), "", true).empty());
}

TEST_CASE("control tokens can be text; user-defined ones are found all the same", "[added_tokens]") {
    CHECK(split(overlapping_tokens(), "<s>ss<s>><unk>", false) ==
          text_parts{{-1, "<s>"}, {3, "ss"}, {2, "<s>>"}, {-1, "<unk>"}});
}

TEST_CASE("random texts are split by the definition", "[added_tokens]") {
    random_sequence random(2);
    for (int trial = 0; trial < 400; ++trial) {
        tokenizer_data data;
        const auto word = [&](std::size_t longest) {
            std::string text(1 + random.below(longest), 'a');
            for (char& letter : text) letter = static_cast<char>('a' + random.below(2));
            return text;
        };
        for (int count = 0; count < 6; ++count) {
            const auto text = word(5);
            if (std::find(data.tokens.begin(), data.tokens.end(), text) != data.tokens.end()) continue;
            data.tokens.push_back(text);
            data.kinds.push_back(static_cast<token_kind>(1 + random.below(5)));
        }
        const auto text = word(30);
        for (const bool special : {false, true})
            REQUIRE(split(data, text, special) == split_by_definition(data, text, special));
    }
}
