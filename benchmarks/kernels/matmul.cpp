// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matvec and matmul of every format, beside the plain loop, as shares of the limits that the same run measures.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul.cpp"
#include <hwy/foreach_target.h>  // the peak below is measured with the instructions that the kernels use
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bench::HWY_NAMESPACE {

/// Twelve independent chains of multiply-adds in registers; returns the number of floating-point operations.
double multiply_add_chains(std::size_t repeats, float* out) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::ScalableTag<float> tag;
    const auto factor = hn::Set(tag, 0.999F), addend = hn::Set(tag, 0.001F);
    auto a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
    auto g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
    for (std::size_t n = 0; n < repeats; ++n) {
        a = hn::MulAdd(a, factor, addend), b = hn::MulAdd(b, factor, addend), c = hn::MulAdd(c, factor, addend);
        d = hn::MulAdd(d, factor, addend), e = hn::MulAdd(e, factor, addend), f = hn::MulAdd(f, factor, addend);
        g = hn::MulAdd(g, factor, addend), h = hn::MulAdd(h, factor, addend), i = hn::MulAdd(i, factor, addend);
        j = hn::MulAdd(j, factor, addend), k = hn::MulAdd(k, factor, addend), l = hn::MulAdd(l, factor, addend);
    }
    const auto sum = hn::Add(hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, d)), hn::Add(hn::Add(e, f), hn::Add(g, h))),
                             hn::Add(hn::Add(i, j), hn::Add(k, l)));
    *out = hn::GetLane(sum);
    return 2.0 * 12 * static_cast<double>(repeats * hn::Lanes(tag));
}

}  // namespace bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {
HWY_EXPORT(multiply_add_chains);
}

#include <benchmark/benchmark.h>
#include <unloop/backend/dispatched.hpp>
#include <unloop/kernels/dot.hpp>
#include <unloop/kernels/matmul.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace {

using namespace unloop;

constexpr std::size_t rows = 1536, columns = 576;  // gate and up of SmolLM2-135M

double seconds_of(const auto& work) {
    double best = 1e9;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

/// FLOP/s of one thread that does nothing but multiply-adds in registers.
double peak_flops() {
    static const double peak = [] {
        double operations = 0;
        float out = 0;
        const double seconds =
            seconds_of([&] { operations = HWY_DYNAMIC_DISPATCH(bench::multiply_add_chains)(2'000'000, &out); });
        benchmark::DoNotOptimize(out);
        return operations / seconds;
    }();
    return peak;
}

/// Bytes/s at which one thread reads 256 MiB.
double read_bandwidth() {
    static const double bandwidth = [] {
        std::vector<float> memory(std::size_t{1} << 26, 1.0F);
        const std::span<const float> left(memory.data(), memory.size() / 2),
            right(memory.data() + memory.size() / 2, memory.size() / 2);
        return static_cast<double>(memory.size()) * sizeof(float) /
               seconds_of([&] { benchmark::DoNotOptimize(kernels::dot(dispatched{}, left, right)); });
    }();
    return bandwidth;
}

template <class Backend>
void multiply(benchmark::State& state, number_format format) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    const std::size_t row_bytes = bytes_of(format, columns);
    const std::vector<std::byte> memory(rows * row_bytes);
    const weight_view weights{format, rows, columns, row_bytes, memory.data()};
    const std::vector<float> x(batch * columns, 0.5F);
    std::vector<float> out(batch * rows);
    for (auto _ : state) {
        kernels::matmul(Backend{}, weights, const_matrix_view(x.data(), batch, columns),
                        matrix_view(out.data(), batch, rows));
        benchmark::DoNotOptimize(out.data());
    }
    const double flops = 2.0 * static_cast<double>(rows * columns * batch);
    using counter = benchmark::Counter;
    state.counters["GFLOP/s"] = counter(flops * 1e-9, counter::kIsIterationInvariantRate);
    state.counters["of peak"] = counter(flops / peak_flops(), counter::kIsIterationInvariantRate);
    state.counters["GB/s"] = counter(static_cast<double>(memory.size()) * 1e-9, counter::kIsIterationInvariantRate);
    state.counters["of read bandwidth"] =
        counter(static_cast<double>(memory.size()) / read_bandwidth(), counter::kIsIterationInvariantRate);
}

void register_all() {
    for_each_format([](auto format) {
        const std::string name(format.name);
        benchmark::RegisterBenchmark(("dispatched/" + name).c_str(), multiply<dispatched>, format.tag)
            ->Arg(1)
            ->Arg(4)
            ->Arg(32)
            ->Arg(128);
        benchmark::RegisterBenchmark(("plain/" + name).c_str(), multiply<reference>, format.tag)->Arg(1)->Arg(4);
    });
}

}  // namespace

int main(int count, char** arguments) {
    benchmark::AddCustomContext("target", dispatched::target());
    register_all();
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
#endif
