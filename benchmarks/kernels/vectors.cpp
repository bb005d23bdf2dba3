// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Kernels over float32 vectors, one thread, operands in cache, beside the plain loops.
#include <benchmark/benchmark.h>
#include <kernels/limits.hpp>
#include <unloop/kernels.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace {

using namespace unloop;

/// Vectors of `n` values; `rows` is [16, n].
struct operands {
    std::vector<float> a, b, out, rows, sixteen = std::vector<float>(16, 0.25F);
    const_matrix_view matrix;
    explicit operands(std::size_t n)
        : a(n, 0.5F), b(n, -0.25F), out(n), rows(16 * n, 0.125F), matrix(rows.data(), 16, n) {}
};

/// `call(backend, operands)` for three lengths; `vectors` of n values are read or written.
template <class Call>
void add(const std::string& name, double flops_a_value, double vectors, Call call) {
    const auto add_one = [&](const std::string& backend_name, auto backend) {
        benchmark::RegisterBenchmark((backend_name + '/' + name).c_str(),
                                     [=](benchmark::State& state) {
                                         const auto n = static_cast<std::size_t>(state.range(0));
                                         operands data(n);
                                         for (auto _ : state) {
                                             call(backend, data);
                                             benchmark::DoNotOptimize(data.out.data());
                                             benchmark::ClobberMemory();
                                         }
                                         bench::count_work(state, flops_a_value * static_cast<double>(n),
                                                           vectors * static_cast<double>(n * sizeof(float)));
                                     })
            ->Arg(64)
            ->Arg(1536)
            ->Arg(49152);
    };
    add_one("dispatched", dispatched{});
    add_one("plain", reference{});
}

void register_all() {
    add("dot", 2, 2, [](auto backend, operands& d) { benchmark::DoNotOptimize(kernels::dot(backend, d.a, d.b)); });
    add("weighted_sum", 32, 18,
        [](auto backend, operands& d) { kernels::weighted_sum(backend, d.sixteen, d.matrix, d.out); });
    add("rms_norm", 4, 3, [](auto backend, operands& d) { kernels::rms_norm(backend, d.a, d.b, 1e-5F, d.out); });
    add("softmax", 3, 2, [](auto backend, operands& d) { kernels::softmax(backend, d.out); });
    add("exp_sum", 2, 2, [](auto backend, operands& d) { kernels::exp_sum(backend, 0.5F, d.out); });
    add("log_sum_exp", 2, 1,
        [](auto backend, operands& d) { benchmark::DoNotOptimize(kernels::log_sum_exp(backend, d.a)); });
    add("gated_silu", 3, 3,
        [](auto backend, operands& d) { kernels::gated_product<kernels::silu_t>(backend, d.a, d.b, d.out); });
    add("gated_gelu_tanh", 8, 3,
        [](auto backend, operands& d) { kernels::gated_product<kernels::gelu_tanh_t>(backend, d.a, d.b, d.out); });
    add("scale", 1, 2, [](auto backend, operands& d) { kernels::scale(backend, 1.0F, d.out); });
    add("add", 1, 3, [](auto backend, operands& d) { kernels::add(backend, d.a, d.out); });
    add("argmax", 1, 1, [](auto backend, operands& d) { benchmark::DoNotOptimize(kernels::argmax(backend, d.a)); });
}

}  // namespace

int main(int count, char** arguments) {
    register_all();
    return bench::run(count, arguments);
}
