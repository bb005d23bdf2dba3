// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest executor: a loop and a number of threads, and an order that nobody expects.
#ifndef UNLOOP_ARCHETYPES_EXECUTOR_HPP
#define UNLOOP_ARCHETYPES_EXECUTOR_HPP

#include <algorithm>  // min
#include <cstddef>    // size_t

namespace archetypes {

/// Cuts into pieces of one grain and hands them out backwards, which the contract allows. Neither copied nor const.
class executor {
  public:
    explicit executor(int /*unused*/) {}
    executor(const executor&) = delete;
    executor& operator=(const executor&) = delete;

    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) {
        const std::size_t unit = grain > 0 ? grain : 1;
        for (std::size_t piece = (count + unit - 1) / unit; piece-- > 0;)
            body(piece * unit, std::min(piece * unit + unit, count));
    }
    std::size_t threads() { return 1; }
};

}  // namespace archetypes

#endif
