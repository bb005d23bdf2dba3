// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Weights times a batch: matrices of two models, every format, batches of 1 to 512, all threads, in exact and in fast
// arithmetic, beside the plain loop; then, for three formats, one row by matvec, and the same matrices transposed, as
// gradients go.
#include <benchmark/benchmark.h>
#include <kernels/limits.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/blocks/backward_run.hpp>
#include <unloop/kernels/matvec.hpp>
#include <unloop/tensor/aligned_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
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

using batch_sizes = std::vector<std::int64_t>;
enum class product { matmul, matvec, transposed };

/// As blocks call matmul, rows divided over the threads.
template <class Backend>
void apply_matvec(const Backend& backend, const weight_view& weights, const_matrix_view x, matrix_view out) {
    const std::size_t piece = detail::least_piece(weights.rows, bench::pool().threads(), detail::rows_a_panel);
    bench::pool().for_each(weights.rows, piece, [&](std::size_t first, std::size_t last) {
        kernels::matvec(backend, weights.slice(first, last - first), x[0], out[0].subspan(first, last - first));
    });
}

template <class Backend>
void multiply(benchmark::State& state, const Backend& backend, product kind, number_format format, std::size_t rows,
              std::size_t columns) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    cold_weights weights(format, rows, columns);
    aligned_vector<float> x(batch * columns, 0.5F), y(batch * rows, 0.5F);  // as a decoder's
    const matrix_view inputs(x.data(), batch, columns), outputs(y.data(), batch, rows);
    for (auto _ : state) {
        if (kind == product::matmul)
            apply_linear(backend, bench::pool(), weights.next(), inputs, outputs);
        else if (kind == product::matvec)
            apply_matvec(backend, weights.next(), inputs, outputs);
        else
            apply_linear_transposed(backend, bench::pool(), weights.next(), outputs, inputs);
        benchmark::ClobberMemory();
    }
    bench::count_work(state, 2.0 * static_cast<double>(rows * columns * batch), static_cast<double>(weights.bytes()));
}

struct matrix {
    const char* model;
    std::size_t rows, columns;
    bool is_long = false;  ///< for two formats and two batches only: hundreds of megabytes
};

/// Query, gate or up, down and head of SmolLM2-135M; query, gate or up, down and head of Gemma 4 E2B.
constexpr matrix matrices[] = {{"SmolLM2", 576, 576},   {"SmolLM2", 1536, 576},     {"SmolLM2", 576, 1536},
                               {"SmolLM2", 49152, 576}, {"E2B", 2048, 1536},        {"E2B", 6144, 1536},
                               {"E2B", 1536, 6144},     {"E2B", 262144, 1536, true}};

template <class Backend>
void add(const std::string& prefix, const Backend& backend, product kind, number_format format, const matrix& one,
         const batch_sizes& batches) {
    const std::string name = prefix + one.model + '/' + std::to_string(one.rows) + 'x' + std::to_string(one.columns);
    auto* const added =
        benchmark::RegisterBenchmark(name.c_str(), multiply<Backend>, backend, kind, format, one.rows, one.columns);
    added->UseRealTime()->Unit(benchmark::kMicrosecond);
    for (const std::int64_t batch : batches) added->Arg(batch);
}

/// A batch is a loop over one row in the plain loops, so that one is enough there.
template <class Format>
void add_matmul(Format format, const matrix& one) {
    const std::string name = std::string(format.name) + '/';
    const auto batches = one.is_long ? batch_sizes{1, 32} : batch_sizes{1, 4, 16, 32, 64, 512};
    add("dispatched/" + name, dispatched(), product::matmul, format.tag, one, batches);
    if (format.scale_offsets.size() > 0)
        add("fast/" + name, dispatched(arithmetic::fast), product::matmul, format.tag, one, batches);
    add("plain/" + name, reference(), product::matmul, format.tag, one, {1});
}

template <class Format>
void add_others(Format format, const matrix& one) {
    const auto add_both = [&](const std::string& name, product kind, const batch_sizes& batches) {
        add("dispatched/" + name + std::string(format.name) + '/', dispatched(), kind, format.tag, one, batches);
        add("plain/" + name + std::string(format.name) + '/', reference(), kind, format.tag, one, {1});
    };
    add_both("matvec/", product::matvec, {1});
    add_both("transposed/", product::transposed, {1, 32});
}

void register_all() {
    for_each_format([](auto format) {
        constexpr bool is_common = format.tag == number_format::bf16 || format.tag == number_format::q4_1;
        for (const matrix& one : matrices)
            if (!one.is_long || is_common) add_matmul(format, one);
        if (is_common || format.tag == number_format::f32)
            for (const matrix& one : matrices)
                if (!one.is_long) add_others(format, one);
    });
}

}  // namespace

int main(int count, char** arguments) {
    register_all();
    return bench::run(count, arguments);
}
