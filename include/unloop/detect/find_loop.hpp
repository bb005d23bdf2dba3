// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Runs a detector over an answer that is already there.
#ifndef UNLOOP_DETECT_FIND_LOOP_HPP
#define UNLOOP_DETECT_FIND_LOOP_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/detect/loop_detector.hpp>

#include <optional>     // a finding, or none
#include <span>         // recorded tokens
#include <string_view>  // recorded text

namespace unloop::inline v0 {

/// The first finding in `tokens`, by a copy of `detector` that is reset before; `tokens` holds the answer alone.
template <class Detector>
[[nodiscard]] std::optional<finding> find_loop(Detector detector, std::span<const token_id> tokens) {
    require_loop_detector<Detector>();
    detector.reset();
    for (const token_id token : tokens)
        if (auto found = detector.observe(token)) return found;
    return std::nullopt;
}

/// The finding that holds at the last of `tokens`: for an answer that was cut, whether it was looping when it was.
template <class Detector>
[[nodiscard]] std::optional<finding> find_loop_at_end(Detector detector, std::span<const token_id> tokens) {
    require_loop_detector<Detector>();
    detector.reset();
    std::optional<finding> latest;
    for (const token_id token : tokens) latest = detector.observe(token);
    return latest;
}

/// The judgement of a whole text: `finish(end)` where the detector has it, else the first finding.
template <class Detector>
[[nodiscard]] std::optional<finding> find_loop(Detector detector, std::string_view text, answer_end end) {
    require_text_loop_detector<Detector>();
    detector.reset();
    auto found = detector.observe(text);
    if constexpr (judges_ends<Detector>) found = detector.finish(end);
    return found;
}

}  // namespace unloop::inline v0

#endif
