// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What every loop detector offers, over tokens or over text, and the sentences a type gets that does not.
#ifndef UNLOOP_DETECT_LOOP_DETECTOR_HPP
#define UNLOOP_DETECT_LOOP_DETECTOR_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>

#include <concepts>     // same_as, copyable
#include <cstdint>      // uint8_t
#include <optional>     // a finding, or none
#include <string_view>  // pieces of text

namespace unloop::inline v0 {

/// How an answer came to its end.
enum class answer_end : std::uint8_t {
    natural,  ///< the model ended it
    cut,      ///< a budget or a stop rule ended it, possibly in the middle of a word
};

/// `void reset()`: forget everything seen.
template <class Detector>
concept has_reset = requires(Detector& detector) {
    { detector.reset() } -> std::same_as<void>;
};

/// `std::optional<finding> observe(token_id)`: take the next token.
template <class Detector>
concept observes_tokens = requires(Detector& detector, token_id token) {
    { detector.observe(token) } -> std::same_as<std::optional<finding>>;
};

/// `std::optional<finding> observe(std::string_view)`: take the next piece of text, cut anywhere.
template <class Detector>
concept observes_text = requires(Detector& detector, std::string_view piece) {
    { detector.observe(piece) } -> std::same_as<std::optional<finding>>;
};

/// Optional: `std::optional<finding> finish(answer_end)`: judge the whole answer, knowing how it ended.
template <class Detector>
concept judges_ends = requires(Detector& detector, answer_end end) {
    { detector.finish(end) } -> std::same_as<std::optional<finding>>;
};

/// Finds loops in a stream of tokens; laws and examples: docs/concepts/loop_detector.md.
template <class Detector>
concept loop_detector = std::copyable<Detector> && has_reset<Detector> && observes_tokens<Detector>;

/// Finds loops in a stream of text.
template <class Detector>
concept text_loop_detector = std::copyable<Detector> && has_reset<Detector> && observes_text<Detector>;

/// Stops compilation with one sentence for each requirement of `loop_detector` that `Detector` does not meet.
template <class Detector>
constexpr void require_loop_detector() noexcept {
    static_assert(std::copyable<Detector>,
                  "loop_detector: needs copies, one for each answer that runs; see docs/concepts/loop_detector.md");
    static_assert(has_reset<Detector>, "loop_detector: needs void reset(); see docs/concepts/loop_detector.md");
    static_assert(observes_tokens<Detector>,
                  "loop_detector: needs std::optional<unloop::finding> observe(unloop::token_id); see "
                  "docs/concepts/loop_detector.md");
}

/// The same for `text_loop_detector`.
template <class Detector>
constexpr void require_text_loop_detector() noexcept {
    static_assert(std::copyable<Detector>,
                  "text_loop_detector: needs copies, one for each answer that runs; see "
                  "docs/concepts/loop_detector.md");
    static_assert(has_reset<Detector>, "text_loop_detector: needs void reset(); see docs/concepts/loop_detector.md");
    static_assert(observes_text<Detector>,
                  "text_loop_detector: needs std::optional<unloop::finding> observe(std::string_view); see "
                  "docs/concepts/loop_detector.md");
}

}  // namespace unloop::inline v0

#endif
