// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// An executor divides a range of independent items over threads; kernels never see it.
#ifndef UNLOOP_PARALLEL_EXECUTOR_HPP
#define UNLOOP_PARALLEL_EXECUTOR_HPP

#include <concepts>  // convertible_to
#include <cstddef>   // size_t

namespace unloop::inline v0 {

namespace detail {
struct range_body {
    void operator()(std::size_t, std::size_t) const noexcept {}
};
}  // namespace detail

/// `for_each(count, grain, body)` calls `body(first, last)` for ranges that cover [0, count) once, each a multiple of
/// `grain` long but the last, from any thread, and returns when all are done. `body` must not throw and must not use
/// the executor again. How the range is cut never shows in a result, because each item is computed by one call alone.
template <class Executor>
concept runs_loops =
    requires(Executor& executor, std::size_t count, detail::range_body body) { executor.for_each(count, count, body); };

/// `threads()`: the most ranges that are worked on at once, at least 1.
template <class Executor>
concept counts_threads = requires(Executor& executor) {
    { executor.threads() } -> std::convertible_to<std::size_t>;
};

/// Divides work over threads; laws and examples: docs/concepts/executor.md.
template <class Executor>
concept executor = runs_loops<Executor> && counts_threads<Executor>;

/// Stops compilation with one sentence for each requirement of `executor` that `Executor` does not meet.
template <class Executor>
constexpr void require_executor() noexcept {
    static_assert(runs_loops<Executor>,
                  "executor: needs void for_each(std::size_t count, std::size_t grain, const Body&), which calls "
                  "body(first, last); see docs/concepts/executor.md");
    static_assert(counts_threads<Executor>,
                  "executor: needs std::size_t threads() const; see docs/concepts/executor.md");
}

}  // namespace unloop::inline v0

#endif
