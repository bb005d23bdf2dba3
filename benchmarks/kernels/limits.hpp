// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What this machine can do at most, measured by the program that prints the shares, with as many threads as it uses: at
// its start, and again after every benchmark.
#ifndef UNLOOP_BENCHMARKS_KERNELS_LIMITS_HPP
#define UNLOOP_BENCHMARKS_KERNELS_LIMITS_HPP

#include <benchmark/benchmark.h>
#include <unloop/backend/dispatched.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace bench {

/// Threads of the pool below: UNLOOP_THREADS, or one for each core. A program of fewer says so before all else.
inline std::size_t& threads_wanted() {
    static std::size_t threads = [] {
        const char* const wanted = std::getenv("UNLOOP_THREADS");
        return static_cast<std::size_t>(wanted != nullptr ? std::max(1, std::atoi(wanted))
                                                          : static_cast<int>(std::thread::hardware_concurrency()));
    }();
    return threads;
}

/// One pool for the whole program, its threads bound to cores unless UNLOOP_PINNED=0.
inline unloop::thread_pool& pool() {
    using enum unloop::thread_placement;
    static const char* const wish = std::getenv("UNLOOP_PINNED");
    static unloop::thread_pool threads(threads_wanted(), wish != nullptr && std::string(wish) == "0" ? free : pinned);
    return threads;
}

/// Seconds of the fastest of `repeats` calls: whatever else runs on the machine can only slow a call down.
template <class Work>
double best_seconds(int repeats, const Work& work) {
    double best = 1e9;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

struct limits {
    double flops;      ///< float32 operations a second, multiply-adds in registers
    double bandwidth;  ///< bytes read a second, from 512 MiB in order
};

/// The best of `repeats`. What is read stays in memory, so that measuring again is not slowed down by new pages.
inline limits measure_limits(int repeats) {
    const unloop::backend::kernel_table& table = unloop::backend::dispatched_table();
    const std::size_t threads = pool().threads(), line = 256;
    std::vector<double> operations(threads);
    const double adding = best_seconds(repeats, [&] {
        pool().for_each(threads, 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i)
                benchmark::DoNotOptimize(table.multiply_adds(4'000'000, &operations[i]));
        });
    });
    static const std::vector<std::byte> memory(std::size_t{512} << 20, std::byte{1});
    const double reading = best_seconds(repeats, [&] {
        pool().for_each(memory.size() / line, 4096, [&](std::size_t first, std::size_t last) {
            benchmark::DoNotOptimize(table.read_all(memory.data() + first * line, (last - first) * line));
        });
    });
    double total = 0;
    for (const double count : operations) total += count;
    return {total / adding, static_cast<double>(memory.size()) / reading};
}

/// On a machine that others use the limits move by a third within seconds. So they are measured before and after what
/// is held against them, and the larger values count.
class moving_limits {
  public:
    [[nodiscard]] double flops() const { return std::max(before_.flops, after_.flops); }
    [[nodiscard]] double bandwidth() const { return std::max(before_.bandwidth, after_.bandwidth); }

    /// Not if that was just done: a benchmark is called several times until it knows how often to repeat, and the last
    /// call, the one that counts, takes longer than this.
    void measure_again() {
        if (clock::now() - measured_ < std::chrono::milliseconds(300)) return;
        before_ = after_;
        after_ = measure_limits(5);
        measured_ = clock::now();
    }

  private:
    using clock = std::chrono::steady_clock;
    limits before_ = measure_limits(10), after_ = before_;
    clock::time_point measured_ = clock::now();
};

/// Measured when it is first called, which should be before anything else.
inline moving_limits& machine() {
    static moving_limits measured;
    return measured;
}

/// The work of one iteration, as rates and as shares of the limits. To be called after the loop.
inline void count_work(benchmark::State& state, double flops, double bytes) {
    using counter = benchmark::Counter;
    machine().measure_again();
    const auto rate = [](double amount) { return counter(amount, counter::kIsIterationInvariantRate); };
    state.counters["GFLOP/s"] = rate(flops * 1e-9);
    state.counters["of_peak"] = rate(flops / machine().flops());
    state.counters["GB/s"] = rate(bytes * 1e-9);
    state.counters["of_bandwidth"] = rate(bytes / machine().bandwidth());
}

/// Says what the limits are at the start, in the table's head and in the JSON; then runs what is registered.
inline int run(int count, char** arguments) {
    const auto told = [](const char* name, double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f", value * 1e-9);
        benchmark::AddCustomContext(name, text);
    };
    benchmark::AddCustomContext("target", unloop::dispatched::target());
    benchmark::AddCustomContext("threads", std::to_string(pool().threads()));
    told("multiply_add_peak_gflops", machine().flops());
    told("read_bandwidth_gb", machine().bandwidth());
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

}  // namespace bench

#endif
