// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of executors as functions that name what is broken; they need no test framework.
#ifndef UNLOOP_LAWS_EXECUTOR_HPP
#define UNLOOP_LAWS_EXECUTOR_HPP

#include <unloop/parallel/executor.hpp>

#include <algorithm>  // find
#include <atomic>     // counts
#include <cstddef>    // size_t
#include <string>     // names of broken laws
#include <thread>     // yield
#include <vector>     // one a place, broken laws

namespace laws {

/// What an executor made of one loop.
struct loop_report {
    bool covers_once = false;  ///< every index below `count` was in exactly one range
    bool is_well_cut = false;  ///< no range is empty; all but the last are multiples of `grain`, and begin at one
    bool is_honest = false;    ///< never more ranges at once than `threads()`
    [[nodiscard]] bool is_sound() const noexcept { return covers_once && is_well_cut && is_honest; }
};

/// Runs one loop and counts. A grain of 0 counts as 1.
template <class Executor>
[[nodiscard]] loop_report watched_loop(Executor& executor, std::size_t count, std::size_t grain) {
    std::vector<std::atomic<int>> visits(count);
    std::atomic<bool> is_well_cut{true}, is_honest{true};
    std::atomic<std::size_t> running{0};
    const std::size_t unit = grain > 0 ? grain : 1, threads = executor.threads();
    executor.for_each(count, grain, [&](std::size_t first, std::size_t last) {
        if (running.fetch_add(1) >= threads) is_honest = false;
        const bool is_whole = last == count || (last - first) % unit == 0;
        if (first >= last || last > count || first % unit != 0 || !is_whole) is_well_cut = false;
        for (std::size_t i = first; i < last && i < count; ++i) ++visits[i];
        std::this_thread::yield();
        --running;
    });
    loop_report report{running == 0, is_well_cut, is_honest};
    for (const auto& visit : visits) report.covers_once = report.covers_once && visit == 1;
    return report;
}

namespace detail {

/// Whether what the body wrote to plain memory is there when the loop returns, again and again.
template <class Executor>
bool shows_what_was_written(Executor& executor) {
    std::vector<std::size_t> values(97, 0);
    for (std::size_t round = 1; round <= 200; ++round) {
        executor.for_each(values.size(), 8, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) values[i] += i;
        });
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i] != round * i) return false;
    }
    return true;
}

}  // namespace detail

/// The broken laws of `executor`; empty if it keeps them all. Worth a run under -fsanitize=thread.
template <class Executor>
[[nodiscard]] std::vector<std::string> broken_executor_laws(Executor& executor) {
    unloop::require_executor<Executor>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    demand(executor.threads() >= 1, "threads: there is at least one");
    for (const std::size_t count : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 63U, 64U, 65U, 1000U})
        for (const std::size_t grain : {0U, 1U, 2U, 7U, 64U, 999U, 1000U, 5000U}) {
            const loop_report report = watched_loop(executor, count, grain);
            demand(report.covers_once, "cover: every index is in one range, and all are done when the loop returns");
            demand(report.is_well_cut, "grain: every range but the last is a multiple of the grain, and none is empty");
            demand(report.is_honest, "honesty: never more ranges at once than threads() says");
        }
    demand(detail::shows_what_was_written(executor), "order: what a loop wrote is there when it returns");
    return broken;
}

}  // namespace laws

#endif
