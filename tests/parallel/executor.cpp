// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as an executor; the library's own keep the laws, and the laws find what is wrong.
#include <unloop/parallel/executor.hpp>

#include <archetypes/executor.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/executor.hpp>
#include <unloop/parallel/any_executor.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <string>
#include <vector>

namespace {

using names = std::vector<std::string>;

struct without_threads {
    template <class Body>
    void for_each(std::size_t, std::size_t, const Body&) {}
};
struct without_loop {
    [[nodiscard]] std::size_t threads() const { return 1; }
};
static_assert(unloop::executor<archetypes::executor>);
static_assert(unloop::executor<unloop::serial>);
static_assert(unloop::executor<unloop::thread_pool>);
static_assert(!unloop::executor<without_threads>);
static_assert(!unloop::executor<without_loop>);
static_assert(!unloop::executor<int>);

/// An executor from a callable.
template <class Loop>
struct from {
    Loop loop;
    std::size_t count_of_threads = 1;
    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) const {
        loop(count, grain > 0 ? grain : 1, body);
    }
    [[nodiscard]] std::size_t threads() const { return count_of_threads; }
};

template <class Loop>
names laws_broken_by(Loop loop, std::size_t threads = 1) {
    const from<Loop> executor{loop, threads};
    return laws::broken_executor_laws(executor);
}

const std::string cover = "cover: every index is in one range, and all are done when the loop returns",
                  grain_kept = "grain: every range but the last is a multiple of the grain, and none is empty",
                  order = "order: what a loop wrote is there when it returns";

}  // namespace

TEST_CASE("the library's executors and the smallest own one keep the laws of executors", "[laws]") {
    unloop::serial serial;
    CHECK(laws::broken_executor_laws(serial) == names{});
    for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
        unloop::thread_pool pool(threads);
        CHECK(laws::broken_executor_laws(pool) == names{});
        unloop::any_executor any(pool);
        CHECK(any.threads() == threads);
        CHECK(laws::broken_executor_laws(any) == names{});
    }
    archetypes::executor smallest(0);
    CHECK(laws::broken_executor_laws(smallest) == names{});
}

TEST_CASE("the laws of executors find what is wrong", "[laws]") {
    CHECK(laws_broken_by([](std::size_t count, std::size_t, const auto& body) {
              if (count > 0) body(std::size_t{0}, count);
          }) == names{});
    CHECK(laws_broken_by([](std::size_t count, std::size_t grain, const auto& body) {  // forgets what is left over
              if (count >= grain) body(std::size_t{0}, count / grain * grain);
          }) == names{cover, order});
    CHECK(laws_broken_by([](std::size_t count, std::size_t, const auto& body) {  // everything twice
              if (count > 0) body(std::size_t{0}, count), body(std::size_t{0}, count);
          }) == names{cover, order});
    CHECK(laws_broken_by([](std::size_t count, std::size_t, const auto& body) { body(std::size_t{0}, count); }) ==
          names{grain_kept});
    CHECK(laws_broken_by([](std::size_t count, std::size_t, const auto& body) {  // whatever the grain
              for (std::size_t i = 0; i < count; ++i) body(i, i + 1);
          }) == names{grain_kept});
    CHECK(laws_broken_by(
              [](std::size_t count, std::size_t, const auto& body) {
                  if (count > 0) body(std::size_t{0}, count);
              },
              0) == names{"threads: there is at least one", "honesty: never more ranges at once than threads() says"});
}
