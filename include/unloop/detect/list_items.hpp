// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Cuts an answer into the items of its list, as it arrives or at once, with their places in the text.
#ifndef UNLOOP_DETECT_LIST_ITEMS_HPP
#define UNLOOP_DETECT_LIST_ITEMS_HPP

#include <unloop/detect/item_form.hpp>
#include <unloop/detect/loop_detector.hpp>

#include <cstddef>      // size_t
#include <string>       // the open line
#include <string_view>  // text
#include <utility>      // pair, move
#include <vector>       // parts, items

namespace unloop::inline v0 {

/// One item: bytes [begin, end) of the text since reset hold its content, without marker and quotes.
struct list_item {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string content;  ///< those bytes
    [[nodiscard]] std::string normalised() const { return item_form(content); }
    [[nodiscard]] std::string masked() const { return masked_item_form(content); }
};

/// Calls a sink with each item of a text that arrives in pieces, as soon as the item is complete.
///
/// An item is a line, or, in a line of five or more of them, a part between commas and semicolons that white space
/// follows. Commas within ( ) [ ] { } part nothing, so that calls and arrays stay whole. Lines and parts without
/// content are no items. Items do not depend on how the text was cut into pieces; a line of parts yields its first
/// items when the fifth is complete. O(1) amortised a byte; keeps the open line only.
class list_item_reader {
  public:
    void reset() noexcept { *this = {}; }

    /// `sink(list_item)` for each item that `piece` completes.
    template <class Sink>
    void observe(std::string_view piece, Sink&& sink) {
        for (const char byte : piece) take(byte, sink);
    }

    /// The text has ended: the open line is complete.
    template <class Sink>
    void finish(Sink&& sink) {
        close_line(sink);
    }

  private:
    static constexpr std::size_t parts_of_a_list = 5;

    template <class Sink>
    void take(char byte, Sink& sink) {
        if (byte == '\n') {
            close_line(sink);
            line_begin_ += 1;
            return;
        }
        if (after_separator_ && detail::is_space(byte)) close_part(line_.size() - 1, sink);
        line_ += byte;
        if (byte == '(' || byte == '[' || byte == '{') ++depth_;
        if (depth_ > 0 && (byte == ')' || byte == ']' || byte == '}')) --depth_;
        after_separator_ = depth_ == 0 && (byte == ',' || byte == ';');
    }

    /// Ends the part that began at `part_begin_` before the separator at `part_end` of the line.
    template <class Sink>
    void close_part(std::size_t part_end, Sink& sink) {
        if (!item_content(std::string_view(line_).substr(part_begin_, part_end - part_begin_)).empty())
            parts_.emplace_back(part_begin_, part_end);
        part_begin_ = part_end + 1;
        if (parts_.size() >= parts_of_a_list) is_list_ = true;
        if (is_list_) emit_parts(sink);
    }

    template <class Sink>
    void close_line(Sink& sink) {
        close_part(line_.size(), sink);
        if (!is_list_) emit(0, line_.size(), sink);
        line_begin_ += line_.size();
        line_.clear();
        parts_.clear();
        part_begin_ = depth_ = 0;
        after_separator_ = is_list_ = false;
    }

    /// Hands out the parts and forgets their text.
    template <class Sink>
    void emit_parts(Sink& sink) {
        for (const auto& [begin, end] : parts_) emit(begin, end, sink);
        parts_.clear();
        const std::size_t used = part_begin_ < line_.size() ? part_begin_ : line_.size();
        line_.erase(0, used);
        line_begin_ += used;
        part_begin_ -= used;
    }

    template <class Sink>
    void emit(std::size_t begin, std::size_t end, Sink& sink) {
        const std::string_view raw = std::string_view(line_).substr(begin, end - begin);
        const std::string_view content = item_content(raw);
        if (content.empty()) return;
        const std::size_t place = line_begin_ + begin + static_cast<std::size_t>(content.data() - raw.data());
        sink(list_item{place, place + content.size(), std::string(content)});
    }

    std::string line_;                                        // what is kept of the open line
    std::size_t line_begin_ = 0;                              // its place in the text
    std::vector<std::pair<std::size_t, std::size_t>> parts_;  // places in line_, until the line proves to be a list
    std::size_t part_begin_ = 0;
    std::size_t depth_ = 0;  // of open brackets
    bool after_separator_ = false;
    bool is_list_ = false;
};

/// All items of a text. Of one that was cut, the last line or part is left out unless a line break closed it.
[[nodiscard]] inline std::vector<list_item> list_items(std::string_view text, answer_end end = answer_end::natural) {
    std::vector<list_item> items;
    const auto keep = [&items](list_item item) { items.push_back(std::move(item)); };
    list_item_reader reader;
    reader.observe(text, keep);
    if (end == answer_end::natural) reader.finish(keep);
    return items;
}

}  // namespace unloop::inline v0

#endif
