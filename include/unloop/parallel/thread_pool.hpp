// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A small pool of threads for many short parallel loops: workers spin briefly for the next loop, then sleep.
#ifndef UNLOOP_PARALLEL_THREAD_POOL_HPP
#define UNLOOP_PARALLEL_THREAD_POOL_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/parallel/executor.hpp>
#include <unloop/parallel/pin_thread.hpp>

#include <algorithm>     // min
#include <atomic>        // the hand-over
#include <cstddef>       // size_t
#include <cstdint>       // uint8_t, uint32_t
#include <exception>     // of a body
#include <string>        // messages
#include <system_error>  // threads that do not start
#include <thread>        // the workers
#include <utility>       // exchange
#include <vector>        // holds them

namespace unloop::inline v0 {

/// Whether each worker of a pool stays on one core. Pinned ones keep their caches, and wait where another program holds
/// their core; the calling thread is never bound.
enum class thread_placement : std::uint8_t { free, pinned };

/// `threads` includes the calling thread, so a pool of one starts none. Loops are handed out in pieces of several
/// grains at first and of one at the end, first come first served, and a worker that is late (asleep, or its core is
/// busy elsewhere) is not waited for. One caller at a time; neither copied nor moved. A decode step holds some two
/// hundred loops of tens of microseconds, hence the spinning, which stops where there are more threads than cores: it
/// would keep others from working.
class thread_pool {
  public:
    /// Throws `error` where the system starts no more threads. Pinned where there is a thread for every core: several
    /// small pools would choose the same cores.
    explicit thread_pool(std::size_t threads)
        : thread_pool(threads, threads == std::thread::hardware_concurrency() ? thread_placement::pinned
                                                                              : thread_placement::free) {}
    thread_pool(std::size_t threads, thread_placement placement)
        : spins_(threads <= std::thread::hardware_concurrency() ? most_spins : most_spins / 100) {
        expects(threads >= 1 && threads <= joined_mask, "thread_pool: from 1 to 255 threads");
        workers_.reserve(threads - 1);
        try {
            for (std::size_t i = 1; i < threads; ++i) {
                workers_.emplace_back([this] { work(); });
                if (placement == thread_placement::pinned) pin_thread(workers_.back(), i);
            }
        } catch (const std::system_error& fault) {
            const std::size_t started = workers_.size();
            end_workers();
            throw error("of " + std::to_string(threads) + " threads the system starts no more than " +
                        std::to_string(started + 1) + ": " + fault.what());
        }
    }
    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;
    ~thread_pool() { end_workers(); }

    [[nodiscard]] std::size_t threads() const noexcept { return workers_.size() + 1; }

    /// Where a body throws, the rest of the loop is left out, and the first exception is thrown here.
    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) {
        if (count == 0) return;
        if (workers_.empty() || count <= grain) return body(std::size_t{0}, count);
        run_ = [](const void* context, std::size_t first, std::size_t last) {
            (*static_cast<const Body*>(context))(first, last);
        };
        context_ = &body;
        count_ = count;
        grain_ = grain > 0 ? grain : 1;
        next_.store(0, std::memory_order_relaxed);
        open_loop();
        take_pieces();
        close_loop();
        if (fault_ == nullptr) return;
        has_failed_.clear(std::memory_order_relaxed);
        std::rethrow_exception(std::exchange(fault_, nullptr));
    }

  private:
    // `state_`: the low bits count the workers that joined the loop, the bits above number the loop; odd: it is open.
    static constexpr std::uint32_t joined_mask = 0xFF;
    static constexpr std::uint32_t loop_step = joined_mask + 1;

    void end_workers() noexcept {
        run_ = nullptr;
        open_loop();
        for (std::thread& worker : workers_) worker.join();
    }

    static bool is_open(std::uint32_t state) noexcept { return (state & loop_step) != 0; }

    void open_loop() noexcept {
        state_.fetch_add(loop_step, std::memory_order_release);
        state_.notify_all();
    }

    /// Nobody joins any more; waits for those who did.
    void close_loop() noexcept {
        std::uint32_t state = state_.fetch_add(loop_step, std::memory_order_acq_rel) + loop_step;
        for (; (state & joined_mask) != 0; state = state_.load(std::memory_order_acquire)) spin_or_wait(state);
    }

    /// Until `state_` changes from `old`: spins some hundreds of microseconds, then sleeps. Waking up takes a virtual
    /// machine tens of microseconds, which is as long as a loop.
    void spin_or_wait(std::uint32_t old) const noexcept {
        for (int i = 0; i < spins_; ++i) {
            if (state_.load(std::memory_order_acquire) != old) return;
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        }
        state_.wait(old, std::memory_order_acquire);
    }

    /// Large pieces first, which read memory in order, then smaller ones, which let all threads end together.
    void take_pieces() noexcept {
        const std::size_t shares = 2 * threads();
        std::size_t first = next_.load(std::memory_order_relaxed);
        while (first < count_) {
            const std::size_t grains = std::max<std::size_t>((count_ - first) / (shares * grain_), 1);
            const std::size_t last = std::min(first + grains * grain_, count_);
            if (!next_.compare_exchange_weak(first, last, std::memory_order_relaxed)) continue;
            try {
                run_(context_, first, last);
            } catch (...) {
                if (!has_failed_.test_and_set(std::memory_order_relaxed)) fault_ = std::current_exception();
                next_.store(count_, std::memory_order_relaxed);
            }
            first = next_.load(std::memory_order_relaxed);
        }
    }

    void work() {
        for (std::uint32_t done = 0;;) {
            std::uint32_t state = state_.load(std::memory_order_acquire);
            if (!is_open(state) || state / loop_step == done) {
                spin_or_wait(state);
                continue;
            }
            if (!state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) continue;
            done = state / loop_step;
            if (run_ == nullptr) return;
            take_pieces();
            if ((state_.fetch_sub(1, std::memory_order_release) & joined_mask) == 1) state_.notify_all();
        }
    }

    static constexpr int most_spins = 10'000;

    const int spins_;
    std::vector<std::thread> workers_;
    void (*run_)(const void*, std::size_t, std::size_t) = nullptr;
    const void* context_ = nullptr;
    std::size_t count_ = 0;
    std::size_t grain_ = 1;
    std::exception_ptr fault_;
    std::atomic_flag has_failed_;
    alignas(64) std::atomic<std::size_t> next_{0};
    alignas(64) std::atomic<std::uint32_t> state_{0};
};
static_assert(executor<thread_pool>);

}  // namespace unloop::inline v0

#endif
