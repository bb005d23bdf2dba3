// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How long work tells how far it is, and learns that it should stop: a callable that the caller passes in.
#ifndef UNLOOP_CORE_PROGRESS_HPP
#define UNLOOP_CORE_PROGRESS_HPP

#include <concepts>     // convertible_to
#include <cstdint>      // int64_t
#include <string_view>  // name of the stage

namespace unloop::inline v0 {

/// One report: `done` of `total` units of `stage`. `total` 0 means unknown.
struct progress_event {
    std::string_view stage;
    std::int64_t done = 0;
    std::int64_t total = 0;
};

/// A callable that takes a `progress_event` and returns whether to go on. It is called from the thread that called the
/// library, never concurrently. Laws and examples: docs/concepts/progress_sink.md.
template <class Sink>
concept progress_sink = requires(Sink& sink, const progress_event& event) {
    { sink(event) } -> std::convertible_to<bool>;
};

/// Stops compilation with one sentence when `Sink` is no `progress_sink`.
template <class Sink>
constexpr void require_progress_sink() noexcept {
    static_assert(
        progress_sink<Sink>,
        "progress_sink: needs bool operator()(const unloop::progress_event&), which says whether to go on; see "
        "docs/concepts/progress_sink.md");
}

/// The default: shows nothing, never cancels.
struct no_progress {
    constexpr bool operator()(const progress_event& /*event*/) const noexcept { return true; }
};
static_assert(progress_sink<no_progress>);

}  // namespace unloop::inline v0

#endif
