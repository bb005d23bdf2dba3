// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A small pool of threads for many short parallel loops: workers spin briefly for the next loop, then sleep.
#ifndef UNLOOP_PARALLEL_THREAD_POOL_HPP
#define UNLOOP_PARALLEL_THREAD_POOL_HPP

#include <unloop/core/expects.hpp>
#include <unloop/parallel/executor.hpp>

#include <algorithm>  // min
#include <atomic>     // the hand-over
#include <cstddef>    // size_t
#include <cstdint>    // uint32_t
#include <thread>     // the workers
#include <vector>     // holds them

namespace unloop::inline v0 {

/// `threads` includes the calling thread, so a pool of one starts none. Loops are handed out in pieces of `grain`
/// items, first come first served. One caller at a time; neither copied nor moved. A decode step holds some two hundred
/// loops of tens of microseconds, hence the spinning.
class thread_pool {
  public:
    explicit thread_pool(std::size_t threads) {
        expects(threads >= 1, "thread_pool: at least the calling thread");
        workers_.reserve(threads - 1);
        for (std::size_t i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    }
    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;
    ~thread_pool() {
        stopping_ = true;
        loop_number_.fetch_add(1, std::memory_order_release);
        loop_number_.notify_all();
        for (std::thread& worker : workers_) worker.join();
    }

    [[nodiscard]] std::size_t threads() const noexcept { return workers_.size() + 1; }

    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) {
        if (count == 0) return;
        if (workers_.empty() || count <= grain) return body(std::size_t{0}, count);
        run_ = [](const void* context, std::size_t first, std::size_t last) {
            (*static_cast<const Body*>(context))(first, last);
        };
        context_ = &body;
        count_ = count;
        grain_ = std::max<std::size_t>(grain, 1);
        next_.store(0, std::memory_order_relaxed);
        busy_.store(static_cast<std::uint32_t>(workers_.size()), std::memory_order_relaxed);
        loop_number_.fetch_add(1, std::memory_order_release);
        loop_number_.notify_all();
        take_pieces();
        for (std::uint32_t busy; (busy = busy_.load(std::memory_order_acquire)) != 0;) spin_or_wait(busy_, busy);
    }

  private:
    /// Until `value` changes from `old`: spins some 20 microseconds, then sleeps.
    static void spin_or_wait(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
        for (int i = 0; i < 4000; ++i) {
            if (value.load(std::memory_order_acquire) != old) return;
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        }
        value.wait(old, std::memory_order_acquire);
    }

    void take_pieces() {
        for (std::size_t first; (first = next_.fetch_add(grain_, std::memory_order_relaxed)) < count_;)
            run_(context_, first, std::min(first + grain_, count_));
    }

    void work() {
        for (std::uint32_t seen = 0;;) {
            spin_or_wait(loop_number_, seen);
            const std::uint32_t now = loop_number_.load(std::memory_order_acquire);
            if (now == seen) continue;
            seen = now;
            if (stopping_) return;
            take_pieces();
            if (busy_.fetch_sub(1, std::memory_order_release) == 1) busy_.notify_one();
        }
    }

    std::vector<std::thread> workers_;
    void (*run_)(const void*, std::size_t, std::size_t) = nullptr;
    const void* context_ = nullptr;
    std::size_t count_ = 0;
    std::size_t grain_ = 1;
    bool stopping_ = false;
    alignas(64) std::atomic<std::size_t> next_{0};
    alignas(64) std::atomic<std::uint32_t> busy_{0};
    alignas(64) std::atomic<std::uint32_t> loop_number_{0};
};
static_assert(executor<thread_pool>);

}  // namespace unloop::inline v0

#endif
