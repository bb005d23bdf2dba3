// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Answers of any engine, read from text, JSON lines or token ids, and the judgement of one.
#ifndef UNLOOP_EXAMPLES_ANSWERS_HPP
#define UNLOOP_EXAMPLES_ANSWERS_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/detect/loop_detector.hpp>
#include <unloop/report/progress_bar.hpp>

#include <optional>     // parts that may be absent
#include <string>       // texts
#include <string_view>  // texts
#include <vector>       // answers

namespace tool {

/// What is known of an answer: its tokens, its text, or both.
struct answer {
    std::optional<std::vector<unloop::token_id>> tokens;
    std::optional<std::string> text;
    std::optional<unloop::answer_end> end;  ///< absent: not known
};

/// A finding and what its numbers count: "tokens", "characters" or "items".
struct judgement {
    unloop::finding loop;
    std::string_view unit;
};

/// The unit of a finding that a stop rule over tokens and text made.
[[nodiscard]] std::string_view unit_of(unloop::loop_kind kind) noexcept;

/// First exact loops (`periodic_loop` over tokens, with less evidence at the end of an answer that was cut; without
/// tokens, blocks of up to 512 characters that cover 384 characters and 3 copies), then `list_collapse` over the text.
/// `end` is used where the answer does not say how it ended; `bar`, if there is one, shows how much of the text is
/// read. Throws `unloop::error` for more than 2^31 - 2 units.
[[nodiscard]] std::optional<judgement> judge(const answer& one, unloop::answer_end end,
                                             unloop::progress_bar* bar = nullptr);

/// Whether the first line that is not blank is a JSON object.
[[nodiscard]] bool looks_like_json_lines(std::string_view text);

/// One answer a line, or several in "records" (what `unloop generate --json` prints). Keys: "text" or "content";
/// "tokens" or "ids"; "end" ("natural", "cut"), "stop_reason" or "finish_reason". Others are passed over. `file` is
/// named in errors. Throws `unloop::error`.
[[nodiscard]] std::vector<answer> parse_json_lines(std::string_view text, const std::string& file);

}  // namespace tool

#endif
