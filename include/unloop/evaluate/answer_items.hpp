// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What an answer names: the items of its lists, without headings and sentences.
#ifndef UNLOOP_EVALUATE_ANSWER_ITEMS_HPP
#define UNLOOP_EVALUATE_ANSWER_ITEMS_HPP

#include <unloop/detect/list_items.hpp>
#include <unloop/detect/list_marker.hpp>

#include <algorithm>    // find, min
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <string>       // items
#include <string_view>  // text
#include <utility>      // move
#include <vector>       // items

namespace unloop::inline v0 {

struct answer_items {
    std::vector<std::string> distinct;  ///< compared forms (`list_item::normalised`), each once, in order
    std::size_t total = 0;              ///< repetitions included
    std::size_t sentences = 0;          ///< lines that are prose and no items

    [[nodiscard]] std::size_t repeated() const noexcept { return total - distinct.size(); }
};

namespace detail {

[[nodiscard]] inline std::size_t count_words(std::string_view text) noexcept {
    std::size_t words = 0;
    bool inside = false;
    for (const char byte : text) {
        words += !inside && !is_space(byte) ? 1 : 0;
        inside = !is_space(byte);
    }
    return words;
}

enum class line_kind : std::uint8_t { item, heading, sentence };

/// What the item at bytes [begin, end) of `text` is, from what stands around it in its line.
[[nodiscard]] inline line_kind kind_of(std::string_view text, const list_item& item) noexcept {
    constexpr std::string_view dress = " \t\r\"'*_`";
    const std::size_t line = item.begin == 0 ? 0 : text.rfind('\n', item.begin - 1) + 1;  // npos + 1 = 0
    const std::string_view before = text.substr(line, item.begin - line);
    const std::size_t first = std::min(before.find_first_not_of(" \t\r"), before.size());
    const bool is_marked = marker_length(text.substr(line + first)) > 0;  // a marker may be dress: "* Pug"
    if (is_marked || before.find_first_not_of(dress) != before.npos) return line_kind::item;
    std::string_view after = text.substr(item.end);
    after = after.substr(0, after.find('\n'));
    std::string closing;
    for (const char byte : after)
        if (dress.find(byte) == dress.npos) closing += byte;
    if (closing == ":") return line_kind::heading;
    const std::size_t words = count_words(item.content);
    const bool stops = !closing.empty() && closing.find_first_not_of(".!?") == closing.npos;
    return words > 12 || (words >= 4 && stops) ? line_kind::sentence : line_kind::item;
}

}  // namespace detail

/// The items of an answer by `list_items`. Of lines without a list marker, one that ends with a colon and is followed
/// by an item or a sentence is a heading, and those of more than 12 words, or of 4 or more that end as a sentence does,
/// are sentences; neither names an item. Nor does what holds no letter and no digit. Of a `cut` answer the open end is
/// left out. O(size + items^2).
[[nodiscard]] inline answer_items read_answer(std::string_view text, answer_end end) {
    answer_items read;
    const std::vector<list_item> items = list_items(text, end);
    std::vector<detail::line_kind> kinds;
    for (const list_item& item : items) kinds.push_back(detail::kind_of(text, item));
    for (std::size_t i = 0; i < items.size(); ++i) {
        read.sentences += kinds[i] == detail::line_kind::sentence ? 1 : 0;
        // Lines with colons one after the other are a list whose descriptions were left out.
        const bool leads = kinds[i] == detail::line_kind::heading && i + 1 < items.size() && kinds[i + 1] != kinds[i];
        const std::string& content = items[i].content;
        const bool names = has_letter(content) || content.find_first_of("0123456789") != std::string::npos;
        if (kinds[i] == detail::line_kind::sentence || leads || !names) continue;
        ++read.total;
        std::string form = items[i].normalised();
        if (std::find(read.distinct.begin(), read.distinct.end(), form) == read.distinct.end())
            read.distinct.push_back(std::move(form));
    }
    return read;
}

}  // namespace unloop::inline v0

#endif
