// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Separates what a model thinks, <|channel>thought ... <channel|>, from what it answers.
#ifndef UNLOOP_IO_CHANNELS_HPP
#define UNLOOP_IO_CHANNELS_HPP

#include <unloop/core/ids.hpp>
#include <unloop/io/vocabulary.hpp>

#include <cstddef>      // size_t
#include <optional>     // a vocabulary without channels
#include <span>         // a prompt
#include <string>       // answer and thoughts
#include <string_view>  // text
#include <vector>       // thoughts

namespace unloop::inline v0 {

inline constexpr std::string_view channel_begin = "<|channel>";
inline constexpr std::string_view channel_end = "<channel|>";

struct split_text {
    std::vector<std::string> thoughts;  ///< without the line that names the channel
    std::string answer;                 ///< all that stands outside channels, as it stands
};

/// `text`, in which the markers are written out, by channel. A channel that does not end reaches to the end of the
/// text; an end without a beginning is left out. Linear.
[[nodiscard]] inline split_text split_channels(std::string_view text) {
    split_text split;
    while (!text.empty()) {
        const auto end = text.find(channel_end);
        const auto part = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + channel_end.size());
        const auto begin = part.find(channel_begin);
        split.answer += part.substr(0, begin);
        if (begin == std::string_view::npos) continue;
        const auto thought = part.substr(begin + channel_begin.size());
        const auto line = thought.find('\n');
        split.thoughts.emplace_back(line == std::string_view::npos ? std::string_view{} : thought.substr(line + 1));
    }
    return split;
}

/// The same for tokens that come one at a time, because the markers are control tokens and leave no text.
class channel_tracker {
  public:
    /// Where a token belongs.
    enum class part { answer, thought, marker };

    /// Inside a channel if `prompt` leaves one open. A vocabulary without the markers has answers only.
    explicit channel_tracker(const vocabulary& words, std::span<const token_id> prompt = {})
        : begin_(marker(words, channel_begin)), end_(marker(words, channel_end)) {
        const auto turn = marker(words, "<|turn>");
        for (const token_id id : prompt)
            if (push(id) != part::marker && id == turn) inside_ = false;  // a turn closes what a message left open
    }

    part push(token_id id) noexcept {
        if (!begin_ || !end_) return part::answer;
        if (id != *begin_ && id != *end_) return inside_ ? part::thought : part::answer;
        inside_ = id == *begin_;
        return part::marker;
    }
    [[nodiscard]] bool inside() const noexcept { return inside_; }

  private:
    static std::optional<token_id> marker(const vocabulary& words, std::string_view text) {
        const auto id = words.find(text);
        const bool whole = id && (words.is_special(*id) || words.kind(*id) == token_kind::user_defined);
        return whole ? id : std::nullopt;
    }

    std::optional<token_id> begin_, end_;
    bool inside_ = false;
};

}  // namespace unloop::inline v0

#endif
