// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Decoding with the real model (UNLOOP_MODEL): tokens a second by batch size, one token a row and step.
#include <benchmark/benchmark.h>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace unloop;

std::string model_path() {
    const char* const path = std::getenv("UNLOOP_MODEL");
    return path == nullptr ? "" : path;
}

/// Steps at positions 64 and on, so that attention has something to read.
void decode(benchmark::State& state) {
    static const auto model = load<llama>(gguf::open(model_path()), dispatched{});
    const auto rows = static_cast<std::size_t>(state.range(0)), threads = static_cast<std::size_t>(state.range(1));
    constexpr std::size_t first = 64, last = 192;
    decoder_state memory(model.config(), {rows, last, std::max<std::size_t>(rows, first), rows});
    thread_pool executor(threads);
    no_tap none;
    std::vector<batch_token> prompt;
    for (std::size_t t = 0; t < first; ++t)
        prompt.push_back({static_cast<token_id>(1000 + t), 0, static_cast<std::int32_t>(t), false});
    model.decoder().forward(memory, prompt, executor, none);
    for (std::size_t r = 1; r < rows; ++r) memory.copy_row(0, r, first);
    std::vector<batch_token> step(rows);
    std::size_t position = first;
    for (auto _ : state) {
        for (std::size_t r = 0; r < rows; ++r)
            step[r] = {static_cast<token_id>(2000 + r), static_cast<std::int32_t>(r),
                       static_cast<std::int32_t>(position), true};
        benchmark::DoNotOptimize(model.decoder().forward(memory, step, executor, none).data());
        position = position + 1 == last ? first : position + 1;
    }
    state.counters["tokens/s"] =
        benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

int main(int count, char** arguments) {
    if (model_path().empty()) {
        std::puts("decode: skipped, UNLOOP_MODEL names no model");
        return 0;
    }
    const auto threads = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
    benchmark::AddCustomContext("target", dispatched::target());
    benchmark::RegisterBenchmark("decode/rows/threads", decode)
        ->ArgsProduct({{1, 4, 16, 32, 64}, {1, threads}})
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
