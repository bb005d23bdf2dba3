// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tokens by id and ids by text.
#ifndef UNLOOP_IO_VOCABULARY_HPP
#define UNLOOP_IO_VOCABULARY_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/io/tokenizer_data.hpp>

#include <cstddef>        // size_t
#include <limits>         // the largest id
#include <optional>       // a text that is no token
#include <string>         // token texts
#include <string_view>    // look-up without a copy
#include <unordered_map>  // ids by text
#include <vector>         // kinds by id

namespace unloop::inline v0 {

/// Whether a byte or character that has no token stops the encoding or is left out.
enum class unknown_symbols { refuse, skip };

namespace detail {

[[noreturn]] inline void refuse_byte(unsigned char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    throw error(std::string("tokenizer: the vocabulary has no token for byte 0x") + digits[byte >> 4] +
                digits[byte & 15]);
}

/// Lets a map keyed by strings be asked with a view.
struct string_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
struct string_equal {
    using is_transparent = void;
    bool operator()(std::string_view left, std::string_view right) const noexcept { return left == right; }
};

}  // namespace detail

/// Texts are those of `tokenizer_data`, not decoded. Of equal texts the lowest id is found.
class vocabulary {
  public:
    /// Throws `error` if there are no tokens or more than ids, or if there are kinds but not one for every token.
    explicit vocabulary(const tokenizer_data& data) : tokens_(data.tokens), kinds_(data.kinds) {
        if (tokens_.empty()) throw error("tokenizer: the vocabulary is empty");
        if (tokens_.size() > static_cast<std::size_t>(std::numeric_limits<token_id>::max()))
            throw error("tokenizer: the vocabulary has more tokens than ids");
        if (kinds_.empty()) kinds_.assign(tokens_.size(), token_kind::normal);
        if (kinds_.size() != tokens_.size())
            throw error("tokenizer: " + std::to_string(tokens_.size()) + " tokens but " +
                        std::to_string(kinds_.size()) + " token kinds");
        ids_.reserve(tokens_.size());
        for (std::size_t id = 0; id < tokens_.size(); ++id) ids_.try_emplace(tokens_[id], static_cast<token_id>(id));
    }

    [[nodiscard]] std::size_t size() const noexcept { return tokens_.size(); }
    [[nodiscard]] bool contains(token_id id) const noexcept {
        return id >= 0 && static_cast<std::size_t>(id) < tokens_.size();
    }
    /// Throws `error` unless `id` is a token; what `text` and `kind` ask as well.
    void require(token_id id) const {
        if (!contains(id))
            throw error("tokenizer: token " + std::to_string(id) + " is not in the vocabulary of " +
                        std::to_string(size()));
    }
    [[nodiscard]] std::string_view text(token_id id) const {
        require(id);
        return tokens_[static_cast<std::size_t>(id)];
    }
    [[nodiscard]] token_kind kind(token_id id) const {
        require(id);
        return kinds_[static_cast<std::size_t>(id)];
    }
    /// Whether decoding leaves the token out on request: control and unknown tokens.
    [[nodiscard]] bool is_special(token_id id) const {
        const auto value = kind(id);
        return value == token_kind::control || value == token_kind::unknown;
    }
    [[nodiscard]] std::optional<token_id> find(std::string_view text) const {
        const auto found = ids_.find(text);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    std::vector<std::string> tokens_;
    std::vector<token_kind> kinds_;
    std::unordered_map<std::string, token_id, detail::string_hash, detail::string_equal> ids_;
};

}  // namespace unloop::inline v0

#endif
