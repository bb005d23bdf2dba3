// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tokens, added tokens and merges of a tokenizer.json.
#ifndef UNLOOP_IO_TOKENIZER_VOCABULARY_JSON_HPP
#define UNLOOP_IO_TOKENIZER_VOCABULARY_JSON_HPP

#include <unloop/io/byte_fallback.hpp>
#include <unloop/io/field_json.hpp>
#include <unloop/io/tokenizer_data.hpp>

#include <algorithm>    // min, sort
#include <cstdint>      // uint64_t
#include <optional>     // merges that are no pair
#include <string>       // tokens
#include <string_view>  // tokens
#include <utility>      // move, pair
#include <vector>       // tokens

namespace unloop::inline v0::detail {

/// Gives every id its text. Ids must be 0 .. n-1, each once: so no file makes this allocate more than it holds.
class token_list {
  public:
    explicit token_list(std::size_t count) : texts_(count), taken_(count, false) {}

    void set(std::uint64_t id, std::string_view text, const json_field& where) {
        const std::string named = "'" + std::string(text) + "' has the id " + std::to_string(id);
        if (id >= texts_.size()) where.fail(named + ", but there are " + std::to_string(texts_.size()) + " tokens");
        const auto index = static_cast<std::size_t>(id);
        if (taken_[index]) where.fail(named + ", as has '" + texts_[index] + "'");
        texts_[index] = text;
        taken_[index] = true;
    }
    [[nodiscard]] std::vector<std::string> release() { return std::move(texts_); }

  private:
    std::vector<std::string> texts_;
    std::vector<bool> taken_;
};

/// One entry of "added_tokens".
struct added_token {
    std::string_view text;
    std::uint64_t id;
    bool special;
    bool normalized;
};

inline added_token read_added_token(const json_field& entry) {
    entry.allow({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
    for (const std::string_view key : {"single_word", "lstrip", "rstrip"})
        if (const auto flag = entry.find(key); flag && flag->truth()) flag->fail("true is not supported");
    return {entry.at("content").string(), entry.at("id").count(), entry.at("special").truth(),
            entry.at("normalized").truth()};
}

/// Whether occurrences of the two can share a byte.
inline bool can_overlap(std::string_view left, std::string_view right) {
    if (left.find(right) != std::string_view::npos || right.find(left) != std::string_view::npos) return true;
    for (std::size_t length = 1; length < std::min(left.size(), right.size()); ++length)
        if (left.ends_with(right.substr(0, length)) || right.ends_with(left.substr(0, length))) return true;
    return false;
}

/// The tokenizers package finds "normalized" tokens in a second pass, in normalised text; `added_tokens` finds all in
/// one pass over the raw text. Refuses what would make a difference.
inline void refuse_second_pass(const std::vector<added_token>& added, bool spaces_change, const json_field& list) {
    for (const added_token& late : added) {
        if (!late.normalized) continue;
        const std::string named = "'" + std::string(late.text) + "' is \"normalized\" and ";
        if (spaces_change &&
            (late.text.find(' ') != std::string_view::npos || late.text.find(written_space) != std::string_view::npos))
            list.fail(named + "has a space: not supported");
        for (const added_token& early : added)
            if (!early.normalized && can_overlap(late.text, early.text))
                list.fail(named + "can overlap '" + std::string(early.text) + "', which is not: not supported");
    }
}

inline std::vector<added_token> read_added_tokens(const json_field& document, bool spaces_change) {
    std::vector<added_token> added;
    const auto list = document.find_value("added_tokens");
    if (!list) return added;
    for (const json_field& entry : list->list()) {
        const added_token token = read_added_token(entry);
        if (byte_of_token(token.text)) entry.fail("'" + std::string(token.text) + "' is written as a byte");
        if (!token.text.empty()) added.push_back(token);
    }
    refuse_second_pass(added, spaces_change, *list);
    return added;
}

/// Fills `tokens` and `kinds`.
inline void read_tokens(const json_field& document, bool byte_fallback, tokenizer_data& data) {
    const json_field vocab = document.at("model").at("vocab");
    const std::vector<added_token> added = read_added_tokens(document, byte_fallback);
    const auto in_vocab = [&](std::string_view text) { return vocab.object().if_contains({text.data(), text.size()}); };
    std::size_t count = vocab.object().size();
    for (const added_token& token : added) count += in_vocab(token.text) == nullptr ? 1U : 0U;
    token_list list(count);
    for (const auto& [text, id] : vocab.object()) {
        const auto number = as_unsigned(id);
        if (!number) vocab.fail("the id of '" + std::string(text) + "' must be an integer that is not negative");
        list.set(*number, text, vocab);
    }
    for (const added_token& token : added) {
        const auto* const id = in_vocab(token.text);
        if (id == nullptr)
            list.set(token.id, token.text, document.at("added_tokens"));
        else if (as_unsigned(*id) != token.id)
            document.at("added_tokens").fail("'" + std::string(token.text) + "' has another id than in model.vocab");
    }
    data.tokens = list.release();
    data.kinds.assign(count, token_kind::normal);
    for (std::size_t id = 0; byte_fallback && id < count; ++id)
        if (byte_of_token(data.tokens[id])) data.kinds[id] = token_kind::byte;
    for (const added_token& token : added)
        data.kinds[static_cast<std::size_t>(token.id)] = token.special ? token_kind::control : token_kind::user_defined;
}

/// "a b", or ["a", "b"].
inline std::optional<merge_pair> read_merge(const boost::json::value& value) {
    if (const auto* const text = value.if_string()) {
        try {
            return parse_merge({text->data(), text->size()});
        } catch (const error&) {
            return std::nullopt;
        }
    }
    const auto* const pair = value.if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->front().is_string() || !pair->back().is_string())
        return std::nullopt;
    return merge_pair(pair->front().get_string(), pair->back().get_string());
}

/// Fills `merges`, all of whose parts and results are in the vocabulary (which `read_tokens` has read), none twice.
inline void read_merges(const json_field& model, tokenizer_data& data) {
    const json_field list = model.at("merges");
    if (!list.value().is_array()) list.fail("must be a list");
    const auto& vocab = model.at("vocab").object();
    std::vector<std::pair<std::uint64_t, std::size_t>> pairs;  // of ids, and which merge
    std::string both;
    for (const auto& value : list.value().get_array()) {
        const std::size_t number = data.merges.size();
        const auto fail = [&](const std::string& why) { list.fail("merge " + std::to_string(number) + why); };
        auto merge = read_merge(value);
        if (!merge) fail(" must be two tokens: a pair, or a string with a space between");
        const auto id_of = [&](const std::string& text) -> std::uint64_t {
            const auto* const id = vocab.if_contains(text);
            if (id == nullptr) fail(" needs '" + text + "', which is not in model.vocab");
            return *as_unsigned(*id);
        };
        pairs.emplace_back(id_of(merge->first) << 32 | id_of(merge->second), number);
        static_cast<void>(id_of(both.assign(merge->first).append(merge->second)));
        data.merges.push_back(*std::move(merge));
    }
    std::sort(pairs.begin(), pairs.end());
    const auto again = std::adjacent_find(
        pairs.begin(), pairs.end(), [](const auto& left, const auto& right) { return left.first == right.first; });
    if (again != pairs.end()) list.fail("merge " + std::to_string(again[1].second) + " is there already");
}

}  // namespace unloop::inline v0::detail

#endif
