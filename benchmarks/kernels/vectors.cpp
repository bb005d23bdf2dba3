// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Kernels over float32 vectors, one thread, operands in cache, beside the plain loops. The limits are one thread's too,
// and by the clock as well.
#include <benchmark/benchmark.h>
#include <kernels/limits.hpp>
#include <unloop/core/random.hpp>
#include <unloop/kernels.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace unloop;

/// Vectors of `n` values, and what else kernels read; `rows` is [16, n].
struct operands {
    std::vector<float> a, b, out, second_out, mixed, cosine, sine, memory, sixteen = std::vector<float>(16, 0.25F);
    std::vector<std::int32_t> best = std::vector<std::int32_t>(8);
    matrix_view rows;
    explicit operands(std::size_t n)
        : a(n, 0.5F),
          b(n, -0.25F),
          out(n),
          second_out(n),
          mixed(n),
          cosine(n / 2, 0.6F),
          sine(n / 2, 0.8F),
          memory(16 * n, 0.125F),
          rows(memory.data(), 16, n) {
        random_sequence random(1);
        for (float& value : mixed) value = static_cast<float>(random.uniform());
    }
    /// For kernels that would drive `out` to nothing or to infinity, where arithmetic has another speed.
    std::span<float> fresh_out() {
        std::ranges::copy(a, out.begin());
        return out;
    }
};

/// `call(backend, operands)` again and again. The compiler must take it that anybody reads and writes the operands.
template <class Call, class Backend>
void repeat(benchmark::State& state, const Call& call, const Backend& backend, operands& data) {
    operands* seen = &data;
    benchmark::DoNotOptimize(seen);
    for (auto _ : state) {
        if constexpr (std::is_void_v<decltype(call(backend, data))>)
            call(backend, data);
        else
            benchmark::DoNotOptimize(call(backend, data));
        benchmark::ClobberMemory();
    }
}

/// For three lengths. `operations` of each of n values, as the formula has them: exp, tanh and a division are one each.
/// `vectors` of n values are read or written.
template <class Call>
void add(const std::string& name, double operations, double vectors, Call call) {
    const auto add_one = [&](const std::string& backend_name, auto backend) {
        benchmark::RegisterBenchmark((backend_name + '/' + name).c_str(),
                                     [=](benchmark::State& state) {
                                         const auto n = static_cast<std::size_t>(state.range(0));
                                         operands data(n);
                                         repeat(state, call, backend, data);
                                         bench::count_work(state, operations * static_cast<double>(n),
                                                           vectors * static_cast<double>(n * sizeof(float)));
                                     })
            ->Arg(64)
            ->Arg(1536)
            ->Arg(49152)
            ->UseRealTime();
    };
    add_one("dispatched", dispatched{});
    add_one("plain", reference{});
}

void register_sums() {
    add("dot", 2, 2, [](auto backend, operands& d) { return kernels::dot(backend, d.a, d.b); });
    add("argmax", 1, 1, [](auto backend, operands& d) { return kernels::argmax(backend, d.mixed); });
    add("top_8", 1, 1, [](auto backend, operands& d) { kernels::top_k(backend, d.mixed, d.best); });
    add("log_sum_exp", 3, 1, [](auto backend, operands& d) { return kernels::log_sum_exp(backend, d.a); });
    add("exp_sum", 3, 2, [](auto backend, operands& d) { return kernels::exp_sum(backend, 1.5F, d.out); });
    add("softmax", 4, 2, [](auto backend, operands& d) { kernels::softmax(backend, d.out); });
    add("softmax_vjp", 4, 3, [](auto backend, operands& d) { kernels::softmax_vjp(backend, d.a, d.out); });
    add("rms_norm", 4, 3, [](auto backend, operands& d) { kernels::rms_norm(backend, d.a, d.b, 1e-5F, d.out); });
    add("rms_norm_vjp", 8, 4,
        [](auto backend, operands& d) { kernels::rms_norm_vjp(backend, d.a, d.b, 1e-5F, d.a, d.out); });
    add("weighted_sum", 32, 18,
        [](auto backend, operands& d) { kernels::weighted_sum(backend, d.sixteen, d.rows, d.out); });
    add("add_outer", 32, 33, [](auto backend, operands& d) { kernels::add_outer(backend, d.sixteen, d.a, d.rows); });
}

template <class Activation>
void register_activation(const std::string& name, double value, double slope) {
    add(name, value, 4, [](auto backend, operands& d) { Activation()(backend, d.fresh_out()); });
    add("gated_" + name, value + 1, 3,
        [](auto backend, operands& d) { kernels::gated_product<Activation>(backend, d.a, d.b, d.out); });
    add("gated_" + name + "_vjp", value + slope + 3, 5, [](auto backend, operands& d) {
        kernels::gated_product_vjp<Activation>(backend, d.a, d.b, d.a, d.out, d.second_out);
    });
}

void register_elementwise() {
    add("add", 1, 3, [](auto backend, operands& d) { kernels::add(backend, d.a, d.out); });
    add("scale", 1, 2, [](auto backend, operands& d) { kernels::scale(backend, -1.0F, d.out); });
    register_activation<kernels::silu_t>("silu", 3, 7);
    register_activation<kernels::gelu_tanh_t>("gelu_tanh", 9, 19);
    add("soft_cap", 3, 4, [](auto backend, operands& d) { kernels::soft_cap(backend, 30.0F, d.fresh_out()); });
    add("soft_cap_vjp", 5, 3, [](auto backend, operands& d) { kernels::soft_cap_vjp(backend, 30.0F, d.a, d.out); });
    for (const rotary_layout layout : {rotary_layout::halves, rotary_layout::interleaved}) {
        const std::string end = layout == rotary_layout::halves ? "/halves" : "/interleaved";
        add("rotary" + end, 3, 3,
            [=](auto backend, operands& d) { kernels::rotary(backend, layout, d.cosine, d.sine, d.out); });
        add("rotary_vjp" + end, 3, 3,
            [=](auto backend, operands& d) { kernels::rotary_vjp(backend, layout, d.cosine, d.sine, d.out); });
    }
}

}  // namespace

int main(int count, char** arguments) {
    bench::threads_wanted() = 1;
    register_sums();
    register_elementwise();
    return bench::run(count, arguments);
}
