// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Branch tokens: where an answer commits itself to repeating an item that it has listed before.
#ifndef UNLOOP_ATTRIBUTE_BRANCH_TOKENS_HPP
#define UNLOOP_ATTRIBUTE_BRANCH_TOKENS_HPP

#include <unloop/core/ids.hpp>
#include <unloop/detect/item_form.hpp>
#include <unloop/detect/list_items.hpp>

#include <algorithm>    // count_if
#include <cstddef>      // size_t
#include <span>         // tokens
#include <string>       // texts
#include <string_view>  // prefixes
#include <vector>       // branches

namespace unloop::inline v0 {

/// An answer as bytes, with the place of each token; control tokens take no bytes.
struct token_text {
    std::string bytes;
    std::vector<std::size_t> begins;  ///< by token, and the end of the last

    template <class Tokenizer>
    token_text(const Tokenizer& tokenizer, std::span<const token_id> tokens) {
        for (token_id token : tokens) {
            begins.push_back(bytes.size());
            if (!tokenizer.is_special(token)) bytes += tokenizer.token_bytes(token);
        }
        begins.push_back(bytes.size());
    }
};

/// The token at which one item becomes a copy of an earlier one.
struct branch_token {
    std::size_t token = 0;            ///< index in the answer
    int copy = 0;                     ///< 2 for the item's second appearance
    std::string prefix;               ///< the item's text before the token
    std::vector<std::string> listed;  ///< the different items before this one
};

/// Whether an item that begins like `prefix` leads to one of `listed`, or already repeats one.
[[nodiscard]] inline bool leads_to_listed(std::string_view prefix, std::span<const std::string> listed) {
    const std::string_view content = item_content(prefix);
    return std::any_of(listed.begin(), listed.end(),
                       [&](const std::string& item) { return item.starts_with(content) || content.starts_with(item); });
}

/// For the second and third copy of every item, the first token with which the line so far matches exactly one of the
/// different earlier items. Items without such a token (all of it ambiguous) have no branch. O(items^2 * tokens an
/// item).
[[nodiscard]] inline std::vector<branch_token> branch_tokens(const token_text& text) {
    std::vector<branch_token> branches;
    std::vector<std::string> listed, all;
    std::size_t first = 0;
    for (const list_item& item : list_items(text.bytes)) {
        const auto copies = std::count(all.begin(), all.end(), item.content);
        all.push_back(item.content);
        if (copies == 0) listed.push_back(item.content);
        if (copies != 1 && copies != 2) continue;
        while (text.begins[first + 1] <= item.begin) ++first;
        for (std::size_t t = first; t + 1 < text.begins.size() && text.begins[t] < item.end; ++t) {
            const std::string_view content(item.content);
            const std::string_view so_far = content.substr(0, std::min(text.begins[t + 1], item.end) - item.begin);
            const auto matches = std::count_if(listed.begin(), listed.end(),
                                               [&](const std::string& other) { return other.starts_with(so_far); });
            if (matches != 1) continue;
            const std::size_t before = std::max(text.begins[t], item.begin) - item.begin;
            branches.push_back({t, static_cast<int>(copies) + 1, std::string(content.substr(0, before)), listed});
            break;
        }
    }
    return branches;
}

}  // namespace unloop::inline v0

#endif
