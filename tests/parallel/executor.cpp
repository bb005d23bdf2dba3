// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as an executor: an own one needs a loop and a number of threads.
#include <unloop/parallel/executor.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "cover.hpp"

namespace {

/// Cuts into single pieces and hands them out backwards, which the contract allows.
struct backwards {
    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) {
        const std::size_t unit = grain > 0 ? grain : 1;
        for (std::size_t piece = (count + unit - 1) / unit; piece-- > 0;)
            body(piece * unit, piece * unit + unit < count ? piece * unit + unit : count);
    }
    [[nodiscard]] std::size_t threads() const { return 1; }
};
struct without_threads {
    template <class Body>
    void for_each(std::size_t, std::size_t, const Body&) {}
};
struct without_loop {
    [[nodiscard]] std::size_t threads() const { return 1; }
};
static_assert(unloop::executor<backwards>);
static_assert(unloop::executor<unloop::serial>);
static_assert(unloop::executor<unloop::thread_pool>);
static_assert(!unloop::executor<without_threads>);
static_assert(!unloop::executor<without_loop>);
static_assert(!unloop::executor<int>);

}  // namespace

TEST_CASE("an own executor covers every index once") {
    backwards own;
    for (std::size_t count = 0; count < 40; ++count)
        for (std::size_t grain : {0U, 1U, 3U, 8U, 100U}) CHECK(covers_once(own, count, grain));
}
