// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact ablation on the real model (UNLOOP_MODEL) against full forwards of the same run, by layer: at decisions alone
// how many times faster a candidate is than a forward; over all positions its time as a share of a forward, against
// the share of the arithmetic that the layers from its own on need.
#include <benchmark/benchmark.h>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "real_model.hpp"

namespace {

using namespace unloop;

constexpr std::size_t length = 192, decisions = 4, batch = 8;

/// Processor time of one thread: a share of the arithmetic is a share of that, whatever else the machine does.
template <class Body>
double seconds_of(const Body& body) {
    const std::clock_t begin = std::clock();
    body();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// A run of random tokens that repeats itself, and the time of a forward of it, best of those of 1 and of 8 rows.
struct subject {
    tool::any_model model = tool::load_model(bench::model_path());
    thread_pool executor{1};
    recorded_run run;
    double forward_seconds = 1e9;

    subject() {
        for (std::size_t t = 0; t < length; ++t) run.tokens.push_back(static_cast<token_id>(1000 + t * 37 % 91));
        for (std::size_t d = 1; d <= decisions; ++d)
            run.decisions.push_back({length - 20 * (decisions - d), 7, {8, 9}});
        record_activations(model.decoder(), executor, run);
        for (const std::size_t rows : {std::size_t{1}, batch}) {
            std::vector<batch_token> pass;
            for (std::size_t r = 0; r < rows; ++r) append_row(pass, run, static_cast<std::int32_t>(r));
            decoder_state state(model.config(), {rows, length, rows * length, rows * decisions});
            no_tap none;
            for (int repeat = 0; repeat < 4; ++repeat)
                forward_seconds = std::min(forward_seconds, seconds_of([&] {
                                                                model.decoder().forward(state, pass, executor, none);
                                                            }) / static_cast<double>(rows));
        }
    }
    /// Multiply-adds of the layers from `first` on, attention and head included.
    [[nodiscard]] double arithmetic(std::size_t first) const {
        const auto& layer = model.config().layers.front();
        const double h = static_cast<double>(layer.hidden), t = length;
        const double weights =
            h * static_cast<double>(2 * layer.query_width() + 2 * layer.key_value_width() + 3 * layer.mlp_width);
        const double attention = t * static_cast<double>(layer.query_width());  // scores and sums, half of the square
        return static_cast<double>(model.config().layers.size() - first) * t * (weights + attention) +
               static_cast<double>(decisions * model.config().vocabulary) * h;
    }
    [[nodiscard]] std::vector<target_factor> candidates(std::size_t layer, std::size_t count) const {
        std::vector<target_factor> some;
        for (std::size_t i = 0; i < count; ++i)
            some.push_back({neuron_id{static_cast<std::int32_t>(layer), static_cast<std::int32_t>(i)}, 0.0F});
        return some;
    }
};

subject& shared() {
    static subject one;
    return one;
}

const loop_margin margin;

void at_decisions_alone(benchmark::State& state) {
    subject& of = shared();
    const auto tried = of.candidates(static_cast<std::size_t>(state.range(0)), 32);
    run_repeater repeater(of.model.decoder(), of.run, 32, 1, of.executor);
    std::vector<double> changes(tried.size());
    std::vector<std::uint8_t> mask(length);
    double seconds = 0;
    for (auto _ : state)
        seconds += seconds_of([&] {
            for (std::size_t d = decisions; d-- > 0;) {
                const std::size_t behind = of.run.decisions[d].position;
                mask[behind - 1] = 1;
                detail::add_changes(repeater, of.run, tried, mask, behind, 32, std::span(&margin, 1), of.executor,
                                    changes);
                mask[behind - 1] = 0;
            }
        });
    const double each = seconds / static_cast<double>(state.iterations()) / 32;
    state.counters["ms/candidate"] = each * 1e3;
    state.counters["times faster"] = of.forward_seconds / each;
}

void over_all_positions(benchmark::State& state) {
    subject& of = shared();
    const auto layer = static_cast<std::size_t>(state.range(0));
    const auto tried = of.candidates(layer, batch);
    run_repeater repeater(of.model.decoder(), of.run, batch, length, of.executor);
    std::vector<double> changes(tried.size());
    const std::vector<std::uint8_t> mask(length, 1);
    double seconds = 0;
    for (auto _ : state)
        seconds += seconds_of([&] {
            detail::add_changes(repeater, of.run, tried, mask, length, batch, std::span(&margin, 1), of.executor,
                                changes);
        });
    const double each = seconds / static_cast<double>(state.iterations()) / batch;
    const double share = of.arithmetic(layer) / of.arithmetic(0);
    state.counters["ms/candidate"] = each * 1e3;
    state.counters["of a forward"] = each / of.forward_seconds;
    state.counters["of arithmetic"] = share;
    state.counters["ratio"] = each / of.forward_seconds / share;
}

}  // namespace

int main(int count, char** arguments) {
    if (!bench::has_model("exact_ablation")) return 0;
    benchmark::AddCustomContext("target", dispatched::target());
    benchmark::AddCustomContext("forward, ms", std::to_string(shared().forward_seconds * 1e3));
    for (const std::int64_t layer : {0, 7, 15, 22, 28, 29}) {
        benchmark::RegisterBenchmark("decisions/layer", at_decisions_alone)->Arg(layer);
        benchmark::RegisterBenchmark("positions/layer", over_all_positions)->Arg(layer);
    }
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
