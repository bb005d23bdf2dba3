// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Outcomes of a suite, counted.
#ifndef UNLOOP_EVALUATE_OUTCOME_SHARES_HPP
#define UNLOOP_EVALUATE_OUTCOME_SHARES_HPP

#include <unloop/evaluate/outcome.hpp>
#include <unloop/evaluate/rate.hpp>

#include <array>    // counts
#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// How many answers had which outcome; the shares sum to 1.
class outcome_shares {
  public:
    void add(outcome what) noexcept {
        ++counts_[static_cast<std::size_t>(what)];
        ++total_;
    }
    [[nodiscard]] std::size_t total() const noexcept { return total_; }
    [[nodiscard]] rate share(outcome what) const noexcept { return {counts_[static_cast<std::size_t>(what)], total_}; }
    /// Exact loops, collapse and drift together; name the three beside it, they are different faults.
    [[nodiscard]] rate loops() const noexcept {
        rate sum{0, total_};
        for (const outcome what : all_outcomes) sum.count += is_loop(what) ? share(what).count : 0;
        return sum;
    }
    friend bool operator==(const outcome_shares&, const outcome_shares&) = default;

  private:
    std::array<std::size_t, all_outcomes.size()> counts_{};
    std::size_t total_ = 0;
};

}  // namespace unloop::inline v0

#endif
