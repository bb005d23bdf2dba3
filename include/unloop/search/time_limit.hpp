// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How much is left of a time that was given.
#ifndef UNLOOP_SEARCH_TIME_LIMIT_HPP
#define UNLOOP_SEARCH_TIME_LIMIT_HPP

#include <chrono>  // a clock
#include <limits>  // no limit

namespace unloop::inline v0 {

/// Counts from when it is made.
class time_limit {
  public:
    explicit time_limit(double seconds) noexcept : seconds_(seconds) {}
    [[nodiscard]] static time_limit none() noexcept { return time_limit(std::numeric_limits<double>::infinity()); }

    /// Seconds; below 0 when it is over.
    [[nodiscard]] double left() const noexcept {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
        return seconds_ - passed.count();
    }
    [[nodiscard]] bool is_over() const noexcept { return left() < 0; }

  private:
    double seconds_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace unloop::inline v0

#endif
