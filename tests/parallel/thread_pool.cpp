// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The thread pool: every index once, for any count, grain and number of threads, thousands of times over. The same
// cases are what -fsanitize=thread should see.
#include <unloop/parallel/thread_pool.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/executor.hpp>

#if defined(__linux__)
#include <sched.h>  // where threads may run
#endif

#include <chrono>     // time to fall asleep
#include <map>        // cores of workers
#include <mutex>      // the set of threads
#include <set>        // who worked
#include <stdexcept>  // of a body
#include <vector>     // results

using unloop::thread_pool;

TEST_CASE("every index is visited once, whatever the count, the grain and the number of threads") {
    for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
        thread_pool pool(threads);
        CHECK(pool.threads() == threads);
        for (const std::size_t count : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 63U, 64U, 65U, 1000U})
            for (const std::size_t grain : {0U, 1U, 2U, 7U, 64U, 999U, 1000U, 5000U}) {
                INFO(threads << " threads, " << count << " items, grain " << grain);
                CHECK(laws::watched_loop(pool, count, grain).is_sound());
            }
    }
}

TEST_CASE("a pool is used again thousands of times, and what a loop wrote is there when it returns") {
    thread_pool pool(4);
    std::vector<std::size_t> values(257, 0);  // plain memory: the pool itself must order reads after writes
    for (std::size_t round = 1; round <= 5000; ++round) {
        pool.for_each(values.size(), 16, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) values[i] += i;
        });
        REQUIRE(values[256] == 256 * round);
    }
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == 5000 * i);
}

TEST_CASE("loops that follow one another with no work between them keep their own bodies") {
    thread_pool pool(3);
    std::size_t wrong = 0;
    for (std::size_t round = 0; round < 3000; ++round) {
        std::vector<std::size_t> marks(6, 0);
        pool.for_each(6, 1, [&marks, round](std::size_t first, std::size_t) { marks[first] = round + 1; });
        for (const std::size_t mark : marks) wrong += mark != round + 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("workers that fell asleep wake for the next loop") {
    thread_pool pool(2);
    for (int round = 0; round < 20; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        REQUIRE(laws::watched_loop(pool, 100, 1).is_sound());
    }
}

TEST_CASE("work is shared: a slow item does not hold up the others") {
    thread_pool pool(2);
    std::mutex guard;
    std::set<std::thread::id> workers;
    for (int attempt = 0; attempt < 50 && workers.size() < 2; ++attempt)
        pool.for_each(20, 1, [&](std::size_t, std::size_t) {
            std::this_thread::sleep_for(std::chrono::microseconds(300));
            const std::lock_guard lock(guard);
            workers.insert(std::this_thread::get_id());
        });
    CHECK(workers.size() == 2);
    CHECK(workers.count(std::this_thread::get_id()) == 1);
}

#if defined(__linux__)
TEST_CASE("pinned workers stay on the cores that they were given, and the calling thread goes where it likes") {
    cpu_set_t before, after;
    REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
    const auto here = std::this_thread::get_id();
    thread_pool pool(4, unloop::thread_placement::pinned);
    std::mutex guard;
    std::map<std::thread::id, int> cores;  // of each worker
    for (int attempt = 0; attempt < 50 && cores.size() < 3; ++attempt)
        pool.for_each(20, 1, [&](std::size_t, std::size_t) {
            std::this_thread::sleep_for(std::chrono::microseconds(300));
            cpu_set_t mine;
            const std::lock_guard lock(guard);
            if (std::this_thread::get_id() == here || sched_getaffinity(0, sizeof mine, &mine) != 0) return;
            cores[std::this_thread::get_id()] = CPU_COUNT(&mine);
        });
    CHECK(cores.size() == 3);
    for (const auto& [worker, count] : cores) CHECK(count == 1);
    REQUIRE(sched_getaffinity(0, sizeof after, &after) == 0);
    CHECK(CPU_EQUAL(&before, &after));
}
#endif

TEST_CASE("a pool of one, or a loop of one piece, stays on the calling thread") {
    thread_pool alone(1), pair(2);
    const auto here = std::this_thread::get_id();
    std::thread::id seen;
    alone.for_each(1000, 1, [&](std::size_t, std::size_t) { seen = std::this_thread::get_id(); });
    CHECK(seen == here);
    seen = {};
    pair.for_each(8, 8, [&](std::size_t, std::size_t) { seen = std::this_thread::get_id(); });
    CHECK(seen == here);
}

TEST_CASE("pools are made and ended often, unused, and within the loop of another") {
    for (int round = 0; round < 200; ++round) {
        thread_pool unused(3);
        thread_pool once(2);
        REQUIRE(laws::watched_loop(once, 5, 1).is_sound());
    }
    thread_pool outer(3);
    std::atomic<int> good{0};
    outer.for_each(12, 1, [&](std::size_t first, std::size_t last) {
        thread_pool inner(2);
        for (std::size_t i = 10 * first; i < 10 * last; ++i) good += laws::watched_loop(inner, 33, 4).is_sound();
    });
    CHECK(good == 120);
}

TEST_CASE("many pools at once, more threads than cores: nothing is lost under contention") {
    std::atomic<int> good{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller)
        callers.emplace_back([&good] {
            thread_pool pool(8);
            for (std::size_t round = 0; round < 300; ++round)
                good += laws::watched_loop(pool, 1 + round % 97, 1 + round % 5).is_sound();
        });
    for (std::thread& caller : callers) caller.join();
    CHECK(good == 4 * 300);
}

TEST_CASE("the exception of a body comes out of the loop, and the pool works on") {
    for (const std::size_t threads : {1U, 2U, 5U}) {
        thread_pool pool(threads);
        for (const std::size_t bad : {0U, 37U, 99U}) {
            CHECK_THROWS_AS(pool.for_each(100, 1,
                                          [&](std::size_t first, std::size_t last) {
                                              if (first <= bad && bad < last) throw std::runtime_error("bad");
                                          }),
                            std::runtime_error);
            CHECK(laws::watched_loop(pool, 100, 1).is_sound());
        }
        // All of them at once.
        CHECK_THROWS_AS(pool.for_each(100, 1, [](std::size_t, std::size_t) { throw std::runtime_error("bad"); }),
                        std::runtime_error);
        CHECK(laws::watched_loop(pool, 100, 1).is_sound());
    }
}
