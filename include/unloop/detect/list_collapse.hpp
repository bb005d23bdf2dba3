// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Finds lists whose items decay onto few answers, and, as a kind of its own, items that differ in a counter alone.
#ifndef UNLOOP_DETECT_LIST_COLLAPSE_HPP
#define UNLOOP_DETECT_LIST_COLLAPSE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/core/finding.hpp>
#include <unloop/detect/collapse_rule.hpp>
#include <unloop/detect/item_form.hpp>
#include <unloop/detect/list_items.hpp>
#include <unloop/detect/loop_detector.hpp>

#include <algorithm>    // min
#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <optional>     // a finding, or none
#include <span>         // the newest items
#include <string>       // compared forms
#include <string_view>  // pieces of text
#include <vector>       // keys

namespace unloop::inline v0 {
namespace detail {

/// 64 bits that stand for `text` (FNV-1a): two different items of a list share them once in 2^64 pairs.
[[nodiscard]] constexpr std::uint64_t text_key(std::string_view text) noexcept {
    std::uint64_t key = 0xCBF29CE484222325U;
    for (const char byte : text) key = (key ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
    return key;
}

/// The newest items as a rule wants to see them, and where in the answer they stand.
class item_window {
  public:
    void clear() noexcept {
        keys_.clear();
        indices_.clear();
    }

    void push(std::string_view form, std::int64_t index, std::size_t largest) {
        keys_.push_back(text_key(form));
        indices_.push_back(index);
        if (keys_.size() <= largest) return;
        keys_.erase(keys_.begin());
        indices_.erase(indices_.begin());
    }

    [[nodiscard]] std::span<const std::uint64_t> keys() const noexcept { return keys_; }

    [[nodiscard]] std::optional<finding> report(loop_kind kind, const std::optional<collapse_block>& block) const {
        if (!block) return std::nullopt;
        expects(block->items > 0 && block->items <= keys_.size(),
                "block_rule: a block is made of items that it was given");
        const auto number = [](std::size_t size) { return static_cast<std::int64_t>(size); };
        return finding{kind, indices_[indices_.size() - block->items], number(block->period), number(block->copies),
                       number(block->repeats)};
    }

  private:
    std::vector<std::uint64_t> keys_;    // oldest first
    std::vector<std::int64_t> indices_;  // of the items among all of the answer
};

}  // namespace detail

/// Reads text, cuts it into items (`list_items`) and judges the newest ones after each item by `Rule`, on the items as
/// they are, then by `DriftRule`, on the items with numbers masked. Numbers of a finding count items of `list_items`.
///
/// Items without a letter (bare numbers and years, braces, separator rows) are passed over; so are, in the judgement of
/// drift, items of which masking leaves no word ("7 x 1 = 7").
/// Cost: O(1) amortised a byte, and the rules' cost an item.
template <class Rule, class DriftRule>
class basic_list_collapse {
    static_assert(block_rule<Rule> && block_rule<DriftRule>,
                  "block_rule: needs operator()(std::span<const std::uint64_t>) const, at_natural_end of the same form "
                  "and largest_block; see docs/concepts/loop_detector.md");

  public:
    basic_list_collapse() = default;
    explicit basic_list_collapse(const Rule& rule, const DriftRule& drift = {}) : rule_(rule), drift_(drift) {}

    void reset() noexcept {
        reader_.reset();
        verbatim_.clear();
        masked_.clear();
        items_ = 0;
        first_ = latest_ = since_ = std::nullopt;
    }

    /// Takes the next piece. The first finding among the items that it completes; if it completes none, what held
    /// before still holds. A stop rule acts on this; it cannot know how the answer would have ended.
    std::optional<finding> observe(std::string_view piece) {
        std::optional<finding> found;
        const std::int64_t before = items_;
        reader_.observe(piece, [&](const list_item& item) {
            take(item);
            if (!found) found = latest_;
        });
        return items_ == before ? latest_ : found;
    }

    /// Judges the whole answer. Of one that was cut, the open last item is left out and the first finding stands. One
    /// that the model ended is a loop only if the rules for natural ends hold up to its last item; it then begins where
    /// the same was found without a break since. Call `reset()` next.
    std::optional<finding> finish(answer_end end) {
        if (end == answer_end::cut) return first_;
        reader_.finish([this](const list_item& item) { take(item); });
        auto found = verbatim_.report(loop_kind::list_collapse, rule_.at_natural_end(verbatim_.keys()));
        if (!found) found = masked_.report(loop_kind::counter_drift, drift_.at_natural_end(masked_.keys()));
        if (found && is_same(since_, *found)) found->start = std::min(found->start, since_->start);
        return found;
    }

  private:
    void take(const list_item& item) {
        const std::int64_t index = items_++;
        if (!has_letter(item.content)) return;
        verbatim_.push(item.normalised(), index, rule_.largest_block);
        const std::string masked = item.masked();
        const bool names = has_word(masked);
        if (names) masked_.push(masked, index, drift_.largest_block);
        latest_ = verbatim_.report(loop_kind::list_collapse, rule_(verbatim_.keys()));
        if (!latest_ && names) latest_ = masked_.report(loop_kind::counter_drift, drift_(masked_.keys()));
        if (!first_) first_ = latest_;
        if (!latest_ || !is_same(since_, *latest_)) since_ = latest_;
    }

    [[nodiscard]] static bool is_same(const std::optional<finding>& earlier, const finding& later) noexcept {
        return earlier && earlier->kind == later.kind && earlier->period == later.period;
    }

    [[no_unique_address]] Rule rule_{};
    [[no_unique_address]] DriftRule drift_{};
    list_item_reader reader_;
    detail::item_window verbatim_;
    detail::item_window masked_;
    std::int64_t items_ = 0;
    std::optional<finding> first_;
    std::optional<finding> latest_;
    std::optional<finding> since_;  ///< the first of findings without a break that are the same as the latest
};

/// Ten items or more of which half are one item, a third are distinct at most, or a cycle of up to eight goes on.
using list_collapse = basic_list_collapse<collapse_rule, drift_rule>;
static_assert(text_loop_detector<list_collapse> && judges_ends<list_collapse>);

}  // namespace unloop::inline v0

#endif
