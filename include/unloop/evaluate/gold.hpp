// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How much of a closed list an answer names, and how much of what it names belongs there.
#ifndef UNLOOP_EVALUATE_GOLD_HPP
#define UNLOOP_EVALUATE_GOLD_HPP

#include <unloop/core/expects.hpp>
#include <unloop/detect/item_form.hpp>
#include <unloop/evaluate/answer_items.hpp>
#include <unloop/evaluate/rate.hpp>

#include <algorithm>    // count
#include <cstddef>      // size_t
#include <optional>     // an item that names nothing
#include <span>         // gold items
#include <string>       // compared forms
#include <string_view>  // phrases
#include <utility>      // move, pair
#include <vector>       // phrases

namespace unloop::inline v0 {

/// Recall: gold items that some item names, of all. Precision: the same, of those and the distinct items that name
/// none; items that name the same gold item ("1998: France", "2018: France") are one.
struct gold_score {
    rate recall;
    rate precision;
    friend constexpr bool operator==(const gold_score&, const gold_score&) = default;
};

/// What is compared: ASCII letters in lower case; digits and everything beyond ASCII as they are; "&" as "and";
/// apostrophes and points left out; any other sign a blank; blanks single; no "the" in front. "St. Kitts & Nevis" and
/// "the st kitts and nevis" are equal.
[[nodiscard]] inline std::string gold_form(std::string_view text) {
    std::string spaced;
    while (!text.empty()) {
        const std::size_t quote = text.starts_with("\u2018") || text.starts_with("\u2019") ? 3 : 0;
        const std::size_t length = quote > 0 ? quote : detail::character_length(text);
        const char first = text.front();
        if (first == '&')
            spaced += " and ";
        else if (detail::letter_length(text) > 0 || detail::is_digit(first))
            spaced += text.substr(0, length);
        else if (quote == 0 && first != '\'' && first != '.')
            spaced += ' ';
        text.remove_prefix(length);
    }
    while (spaced.ends_with(' ')) spaced.pop_back();
    std::string form = item_form(spaced);
    return form.starts_with("the ") ? form.substr(4) : form;
}

/// A closed list, ready to be compared with.
///
/// An item names a gold item when the two are equal in `gold_form`, when the item begins with it, or when it stands, as
/// whole words, in the item's first part; the longest such phrase wins, then the earlier gold item. Parts end at a
/// dash between blanks, ( [ : , ; = or |. A part with a digit in which no gold item stands ("1896", "Season 1") is
/// passed over. So "1. Alabama - borders Georgia" names Alabama alone. An item names one gold item at most.
class gold_list {
  public:
    /// Alternatives of an item are separated by |.
    explicit gold_list(std::span<const std::string> items) : size_(items.size()) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            std::string_view rest = items[i];
            for (bool more = true; more;) {
                const std::size_t bar = rest.find('|');
                if (std::string form = gold_form(rest.substr(0, bar)); !form.empty())
                    phrases_.emplace_back(std::move(form), i);
                more = bar != std::string_view::npos;
                rest.remove_prefix(more ? bar + 1 : rest.size());
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Index of the gold item that `item` names. O(size of item x phrases).
    [[nodiscard]] std::optional<std::size_t> find(std::string_view item) const {
        if (const auto whole = longest(gold_form(item), true)) return whole;
        while (!item.empty()) {
            const auto [length, separator] = first_part(item);
            const std::string part = gold_form(item.substr(0, length));
            if (const auto found = longest(part, false)) return found;
            const bool counts = part.empty() || part.find_first_of("0123456789") != std::string::npos;
            if (!counts) return std::nullopt;
            item.remove_prefix(length + separator);
        }
        return std::nullopt;
    }

    [[nodiscard]] gold_score score(const answer_items& answer) const {
        const auto [named, strangers] = named_by(answer);
        const auto count = static_cast<std::size_t>(std::count(named.begin(), named.end(), true));
        return {{count, size_}, {count, count + strangers}};
    }

    /// Of the items marked in `known` (by gold item) how many the answer names.
    [[nodiscard]] rate known_recall(const answer_items& answer, const std::vector<bool>& known) const {
        expects(known.size() == size_, "gold_list: one mark an item");
        const std::vector<bool> named = named_by(answer).first;
        rate recall;
        for (std::size_t i = 0; i < size_; ++i)
            recall.total += known[i] ? 1 : 0, recall.count += known[i] && named[i] ? 1 : 0;
        return recall;
    }

  private:
    /// Which gold items are named, and how many items name none.
    [[nodiscard]] std::pair<std::vector<bool>, std::size_t> named_by(const answer_items& answer) const {
        std::vector<bool> named(size_);
        std::size_t strangers = 0;
        for (const std::string& item : answer.distinct) {
            const auto index = find(item);
            strangers += index ? 0 : 1;
            if (index) named[*index] = true;
        }
        return {std::move(named), strangers};
    }
    /// Bytes of the first part, and of the separator behind it.
    static std::pair<std::size_t, std::size_t> first_part(std::string_view item) noexcept {
        constexpr std::string_view dashes[] = {" - ", " \u2013 ", " \u2014 ", "\u2014"};
        for (std::size_t i = 0; i < item.size(); ++i) {
            if (std::string_view("([:,;=|").find(item[i]) != std::string_view::npos) return {i, 1};
            for (const std::string_view dash : dashes)
                if (item.substr(i).starts_with(dash)) return {i, dash.size()};
        }
        return {item.size(), 0};
    }

    /// The longest phrase that stands in `text` as whole words, or at its front.
    [[nodiscard]] std::optional<std::size_t> longest(std::string_view text, bool at_front) const {
        const std::string padded = " " + std::string(text) + " ";
        std::size_t length = 0, best = 0;
        for (const auto& [phrase, index] : phrases_) {
            if (phrase.size() <= length) continue;
            const std::size_t place = padded.find(" " + phrase + " ");
            if (at_front ? place == 0 : place != std::string::npos) length = phrase.size(), best = index;
        }
        return length > 0 ? std::optional(best) : std::nullopt;
    }

    std::size_t size_;
    std::vector<std::pair<std::string, std::size_t>> phrases_;  // compared form, index of the gold item
};

}  // namespace unloop::inline v0

#endif
