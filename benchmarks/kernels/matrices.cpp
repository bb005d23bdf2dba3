// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Weights times a batch: matrices of two models, every format, batches of 1 to 512, all threads, in exact and in fast
// arithmetic, beside the plain loop.
#include <benchmark/benchmark.h>
#include <kernels/limits.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/tensor/aligned_vector.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace unloop;

/// Weights as a model holds them: so many copies of one matrix that reading them all empties the caches.
class cold_weights {
  public:
    cold_weights(number_format format, std::size_t rows, std::size_t columns)
        : one_{format, rows, columns, bytes_of(format, columns), nullptr},
          copies_(std::max<std::size_t>(1, (std::size_t{192} << 20) / bytes())),
          memory_(copies_ * bytes(), std::byte{0x3C}) {}  // an ordinary number in every format

    [[nodiscard]] std::size_t bytes() const { return one_.rows * one_.row_stride; }
    weight_view next() {
        weight_view view = one_;
        view.data = memory_.data() + (turn_++ % copies_) * bytes();
        return view;
    }

  private:
    weight_view one_;
    std::size_t copies_;
    std::vector<std::byte> memory_;
    std::size_t turn_ = 0;
};

template <class Backend>
void multiply(benchmark::State& state, const Backend& backend, number_format format, std::size_t rows,
              std::size_t columns) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    cold_weights weights(format, rows, columns);
    const aligned_vector<float> x(batch * columns, 0.5F);  // as a decoder's
    aligned_vector<float> out(batch * rows);
    for (auto _ : state) {
        apply_linear(backend, bench::pool(), weights.next(), const_matrix_view(x.data(), batch, columns),
                     matrix_view(out.data(), batch, rows));
        benchmark::DoNotOptimize(out.data());
    }
    bench::count_work(state, 2.0 * static_cast<double>(rows * columns * batch), static_cast<double>(weights.bytes()));
}

struct matrix {
    const char* model;
    std::size_t rows, columns;
};

/// Query, gate or up, down and head of SmolLM2-135M; query, gate or up, and down of Gemma 4 E2B.
constexpr matrix matrices[] = {{"SmolLM2", 576, 576},   {"SmolLM2", 1536, 576}, {"SmolLM2", 576, 1536},
                               {"SmolLM2", 49152, 576}, {"E2B", 2048, 1536},    {"E2B", 6144, 1536},
                               {"E2B", 1536, 6144}};

void register_all() {
    for_each_format([](auto format) {
        for (const matrix& one : matrices) {
            const std::string name = std::string(format.name) + '/' + one.model + '/' + std::to_string(one.rows) + 'x' +
                                     std::to_string(one.columns);
            const auto add = [&](const char* prefix, const auto& backend) {
                return benchmark::RegisterBenchmark((prefix + name).c_str(), multiply<std::decay_t<decltype(backend)>>,
                                                    backend, format.tag, one.rows, one.columns)
                    ->UseRealTime()
                    ->Unit(benchmark::kMicrosecond);
            };
            add("dispatched/", dispatched())->Arg(1)->Arg(4)->Arg(16)->Arg(32)->Arg(64)->Arg(512);
            if (format.scale_offsets.size() > 0)
                add("fast/", dispatched(arithmetic::fast))->Arg(1)->Arg(4)->Arg(16)->Arg(32)->Arg(64)->Arg(512);
            add("plain/", reference())->Arg(1);  // a batch is a loop over this
        }
    });
}

}  // namespace

int main(int count, char** arguments) {
    register_all();
    return bench::run(count, arguments);
}
