// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// When the last items of a list have decayed onto few answers: the policy of `basic_list_collapse`.
#ifndef UNLOOP_DETECT_COLLAPSE_RULE_HPP
#define UNLOOP_DETECT_COLLAPSE_RULE_HPP

#include <algorithm>  // count, max, min
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <optional>   // a block, or none
#include <span>       // keys of items

namespace unloop::inline v0 {

/// The items at the end of a list that a rule calls a collapse.
struct collapse_block {
    std::size_t items = 0;    ///< length of the block, which ends at the newest item
    std::size_t period = 0;   ///< items a copy: the cycle's length; 1 for a majority; else the distinct items
    std::size_t copies = 0;   ///< of the cycle; of the majority's item; else items / distinct items
    std::size_t repeats = 0;  ///< items that say again what the cycle, the majority or the block has said before
    friend constexpr bool operator==(const collapse_block&, const collapse_block&) = default;
};

/// A callable over the keys of the newest items, oldest first, where equal items have equal keys.
/// `rule(keys)` judges a list that goes on; `rule.at_natural_end(keys)` a list that the model ended itself;
/// `rule.largest_block` is the number of keys that it wants to see.
template <class Rule>
concept block_rule = requires(const Rule& rule, std::span<const std::uint64_t> keys) {
    { rule(keys) } -> std::same_as<std::optional<collapse_block>>;
    { rule.at_natural_end(keys) } -> std::same_as<std::optional<collapse_block>>;
    static_cast<std::size_t>(rule.largest_block);
};

/// Fraction of a block.
struct share {
    std::size_t part = 0;
    std::size_t whole = 1;
};

/// A block of `items` or more up to the newest item in which
/// - a cycle of up to `largest_cycle` items runs through all of it, with `copies` copies, or
/// - one item makes up `majority` or more, or
/// - the distinct items make up `variety` or less.
/// A cycle reaches back as far as it holds; of the other blocks the shortest is judged, and a majority is reported from
/// its first item on.
/// Of a list that ended by itself a cycle is asked or `strict_majority`: complete answers hold columns of few values,
/// and headings with "none" under each. Cost of an item: O(largest_block * largest_cycle + largest_block^2 / 2)
/// comparisons of 64 bits.
struct collapse_rule {
    std::size_t items = 10;
    std::size_t largest_block = 64;
    std::size_t largest_cycle = 8;
    std::size_t copies = 3;
    share majority{1, 2};
    share variety{1, 3};
    share strict_majority{4, 5};

    [[nodiscard]] std::optional<collapse_block> operator()(std::span<const std::uint64_t> keys) const noexcept {
        if (const auto block = cycle(keys)) return block;
        std::size_t distinct = 0;
        std::size_t most = 0;   // occurrences of the commonest item
        std::size_t reach = 0;  // how far back the first of them is
        for (std::size_t size = 1; size <= std::min(keys.size(), largest_block); ++size) {
            const auto block = keys.last(size);
            const auto equal = static_cast<std::size_t>(std::count(block.begin(), block.end(), block.front()));
            if (equal > most) reach = size;
            most = std::max(most, equal);
            distinct += equal == 1 ? 1 : 0;
            if (size < items) continue;
            if (most * majority.whole >= size * majority.part) return collapse_block{reach, 1, most, most - 1};
            if (distinct * variety.whole <= size * variety.part)
                return collapse_block{size, distinct, size / distinct, size - distinct};
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<collapse_block> at_natural_end(std::span<const std::uint64_t> keys) const noexcept {
        collapse_rule strict = *this;
        strict.majority = strict_majority;
        strict.variety = {0, 1};
        return strict(keys);
    }

  private:
    [[nodiscard]] std::optional<collapse_block> cycle(std::span<const std::uint64_t> keys) const noexcept {
        for (std::size_t period = 1; period <= largest_cycle && period < keys.size(); ++period) {
            std::size_t size = period;
            while (size < keys.size() && keys[keys.size() - size - 1] == keys[keys.size() - size - 1 + period]) ++size;
            if (size >= std::max(items, copies * period))
                return collapse_block{size, period, size / period, size - period};
        }
        return std::nullopt;
    }
};

/// For items whose numbers are masked: judged as strictly as a list that ended, since the kings of England and the
/// Louis of France differ in little but their numbers, and rightly. A count that ended by itself was asked for, and is
/// none.
struct drift_rule {
    std::size_t largest_block = 64;
    [[nodiscard]] std::optional<collapse_block> operator()(std::span<const std::uint64_t> keys) const noexcept {
        return collapse_rule{.largest_block = largest_block}.at_natural_end(keys);
    }
    [[nodiscard]] static constexpr std::optional<collapse_block> at_natural_end(
        std::span<const std::uint64_t> /*keys*/) noexcept {
        return std::nullopt;
    }
};

/// Finds nothing: for a detector without counter drift.
struct no_drift {
    static constexpr std::size_t largest_block = 1;
    [[nodiscard]] constexpr std::optional<collapse_block> operator()(
        std::span<const std::uint64_t> /*keys*/) const noexcept {
        return std::nullopt;
    }
    [[nodiscard]] static constexpr std::optional<collapse_block> at_natural_end(
        std::span<const std::uint64_t> /*keys*/) noexcept {
        return std::nullopt;
    }
};

static_assert(block_rule<collapse_rule> && block_rule<drift_rule> && block_rule<no_drift>);

}  // namespace unloop::inline v0

#endif
