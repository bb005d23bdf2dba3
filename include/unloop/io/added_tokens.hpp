// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tokens that are found in the raw text as a whole, before it is cut and merged: <|im_start|> and its like.
#ifndef UNLOOP_IO_ADDED_TOKENS_HPP
#define UNLOOP_IO_ADDED_TOKENS_HPP

#include <unloop/core/ids.hpp>
#include <unloop/io/integer_map.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/vocabulary.hpp>

#include <array>        // first bytes
#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <string_view>  // text
#include <vector>       // nodes

namespace unloop::inline v0 {

/// Finds control, unknown and user-defined tokens: leftmost first, of those that begin at one place the longest.
class added_tokens {
  public:
    explicit added_tokens(const vocabulary& words) : nodes_(1), edges_(count_bytes(words)) {
        for (std::size_t index = 0; index < words.size(); ++index) {
            const auto id = static_cast<token_id>(index);
            if (is_added(words.kind(id))) insert(words.text(id), id, words.is_special(id));
        }
    }

    /// Calls on_text(std::string_view) and on_token(token_id) with the parts of `text` in order. Without `special`,
    /// control and unknown tokens are text like any other; user-defined ones are still found.
    /// O(text * longest added token) at worst, in practice one table look-up a byte.
    template <class OnText, class OnToken>
    void split(std::string_view text, bool special, OnText&& on_text, OnToken&& on_token) const {
        std::size_t begin = 0;
        for (std::size_t at = 0; at < text.size();) {
            const auto [id, length] = longest_at(text, at, special);
            if (length == 0) {
                ++at;
                continue;
            }
            if (begin < at) on_text(text.substr(begin, at - begin));
            on_token(id);
            begin = at += length;
        }
        if (begin < text.size()) on_text(text.substr(begin));
    }

  private:
    // A trie: nodes by number (0 is the root), edges by node and byte.
    struct node {
        token_id token = -1;
        bool special = false;
    };
    struct match {
        token_id token = -1;
        std::size_t length = 0;
    };

    static bool is_added(token_kind kind) noexcept {
        return kind == token_kind::control || kind == token_kind::unknown || kind == token_kind::user_defined;
    }
    static std::size_t count_bytes(const vocabulary& words) {
        std::size_t count = 0;
        for (std::size_t index = 0; index < words.size(); ++index)
            if (const auto id = static_cast<token_id>(index); is_added(words.kind(id))) count += words.text(id).size();
        return count;
    }
    static std::uint64_t edge(std::uint32_t from, char byte) noexcept {
        return (std::uint64_t{from} << 8) | static_cast<unsigned char>(byte);
    }

    void insert(std::string_view text, token_id id, bool special) {
        if (text.empty()) return;
        first_bytes_[static_cast<unsigned char>(text[0])] = true;
        std::uint32_t at = 0;
        for (const char byte : text) {
            const auto next = static_cast<std::uint32_t>(nodes_.size());
            at = edges_.insert(edge(at, byte), next);
            if (at == next) nodes_.emplace_back();
        }
        if (nodes_[at].token < 0) nodes_[at] = {id, special};
    }

    [[nodiscard]] match longest_at(std::string_view text, std::size_t begin, bool special) const {
        match longest;
        if (!first_bytes_[static_cast<unsigned char>(text[begin])]) return longest;
        std::uint32_t at = 0;
        for (std::size_t index = begin; index < text.size(); ++index) {
            const auto* next = edges_.find(edge(at, text[index]));
            if (next == nullptr) break;
            at = *next;
            if (nodes_[at].token >= 0 && (special || !nodes_[at].special))
                longest = {nodes_[at].token, index + 1 - begin};
        }
        return longest;
    }

    std::vector<node> nodes_;
    detail::integer_map<std::uint32_t> edges_;
    std::array<bool, 256> first_bytes_{};
};

}  // namespace unloop::inline v0

#endif
