// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The tokens of a pass with what they have in common: rows with the same past are computed once, as far as they are
// treated alike.
#ifndef UNLOOP_GENERATE_SHARED_PASS_HPP
#define UNLOOP_GENERATE_SHARED_PASS_HPP

#include <unloop/blocks/batch.hpp>
#include <unloop/model/layer_range.hpp>

#include <algorithm>  // adjacent_find, mismatch, sort
#include <cstddef>    // ptrdiff_t, size_t
#include <span>       // tokens
#include <tuple>      // order
#include <vector>     // entries

namespace unloop::inline v0 {

/// What the first tokens of two rows have in common.
[[nodiscard]] inline std::size_t common_length(std::span<const token_id> a, std::span<const token_id> b) noexcept {
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

/// Collects the tokens of one pass, row by row. Each token joins the one before it that has the same past and is
/// treated alike in the most layers. Holds its memory from pass to pass.
class shared_pass {
  public:
    shared_pass(std::size_t rows, std::size_t tokens) {
        parts_.reserve(rows);
        entries_.reserve(tokens), order_.reserve(tokens), places_.reserve(tokens);
        tokens_.reserve(tokens), joins_.reserve(tokens), firsts_.reserve(tokens);
    }

    void clear() noexcept { parts_.clear(), entries_.clear(); }
    /// Tokens [first, first + count) of `past`, which holds all tokens of `row` and outlives the pass; fewer where some
    /// share more than those behind them, which need their keys in all layers and so have to wait. Returns how many.
    /// Logits are wanted of tokens from `wanted` on. `own(k)` tells from which layers on this row is to be computed
    /// apart from the k-th that was added. O(rows * past).
    template <class Own>
    std::size_t add(std::size_t row, std::span<const token_id> past, std::size_t first, std::size_t count,
                    std::size_t wanted, const Own& own) {
        part added{past, first, count, entries_.size()};
        for (std::size_t t = first; t < first + count; ++t)
            entries_.push_back(
                {{past[t], static_cast<std::int32_t>(row), static_cast<std::int32_t>(t), t >= wanted}, {}});
        for (std::size_t k = 0; k < parts_.size(); ++k) share(added, parts_[k], [&] { return own(k); });
        const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(added.entry);
        const auto cut = std::adjacent_find(
            begin, entries_.end(), [](const entry& one, const entry& next) { return one.join.own > next.join.own; });
        if (cut != entries_.end()) entries_.erase(cut + 1, entries_.end());
        added.count = entries_.size() - added.entry;
        parts_.push_back(added);
        return added.count;
    }
    /// Puts leaders first and the others by where they join. Tokens and joins are valid until `clear`.
    void arrange() {
        order_.resize(entries_.size()), places_.resize(entries_.size());
        for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
        std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            return std::tie(entries_[a].join.own, a) < std::tie(entries_[b].join.own, b);
        });
        for (std::size_t i = 0; i < order_.size(); ++i) places_[order_[i]] = i;
        tokens_.clear(), joins_.clear(), firsts_.clear();
        for (const std::size_t i : order_) {
            const entry& one = entries_[i];
            tokens_.push_back(one.token);
            const bool joins = one.join.own > all_layers;
            if (joins) joins_.push_back({places_[one.join.leader], one.join.own});
            firsts_.push_back(joins ? firsts_[places_[one.join.leader]] : firsts_.size());
        }
    }
    [[nodiscard]] std::span<const batch_token> tokens() const noexcept { return tokens_; }
    /// See `decoder::forward`.
    [[nodiscard]] std::span<const token_join> joins() const noexcept { return joins_; }
    /// Of each token the one that it joins in the end, itself where it joins none: those with the same have one past.
    [[nodiscard]] std::span<const std::size_t> firsts() const noexcept { return firsts_; }

  private:
    struct part {
        std::span<const token_id> past;
        std::size_t first, count, entry;
        [[nodiscard]] std::size_t end() const noexcept { return first + count; }
    };
    struct entry {
        batch_token token;
        token_join join;  ///< own == all_layers: it joins nobody
    };

    /// Two rows are treated alike up to some layer, and a third like one of them further than that: then the third is
    /// treated like the other up to there. So the first of the best leaders never joins behind those who join it.
    template <class Own>
    void share(const part& added, const part& other, const Own& own) {
        const std::size_t first = std::max(added.first, other.first), end = std::min(added.end(), other.end());
        if (first >= end || added.past[first] != other.past[first]) return;
        const layer_range range = own();
        if (range == all_layers) return;
        const std::size_t common = common_length(added.past.first(end), other.past.first(end));
        for (std::size_t t = first; t < common; ++t)
            if (token_join& join = entries_[added.entry + t - added.first].join; range > join.own)
                join = {other.entry + t - other.first, range};
    }

    std::vector<part> parts_;
    std::vector<entry> entries_;
    std::vector<std::size_t> order_, places_;
    std::vector<batch_token> tokens_;
    std::vector<token_join> joins_;
    std::vector<std::size_t> firsts_;
};

}  // namespace unloop::inline v0

#endif
