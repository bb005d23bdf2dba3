// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Gradients over a loop that the real model (UNLOOP_MODEL) writes: what it takes to score every target by gradient
// times activation, in forward times, and how far integrated gradients of a layer are from adding up.
#include <benchmark/benchmark.h>
#include <unloop/attribute/gradient_x_activation.hpp>
#include <unloop/attribute/integrated_gradients.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/parallel/thread_pool.hpp>
#include <unloop/search/looping_runs.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "real_model.hpp"

namespace {

using namespace unloop;

struct subject {
    tool::any_model model = tool::load_model(bench::model_path());
    thread_pool executor{2};
    recorded_run run;

    subject() {
        probe_suite suite;
        for (const char* const topic : {"rivers in Asia", "chemical elements", "fruits", "European capitals"}) {
            probe asked;
            asked.prompt = "List 30 " + std::string(topic) + ".", asked.topic = topic;
            suite.probes.push_back(asked);
        }
        no_progress silent;
        auto found = record_loops(model, suite, {.max_tokens = 220, .threads = 2}, 1, executor, silent);
        if (!found.runs.empty()) run = std::move(found.runs.front());
    }
};

subject& shared() {
    static subject one;
    return one;
}

/// A pass over the run that computes logits at the decisions alone.
void forward(benchmark::State& bench) {
    const subject& of = shared();
    thread_pool executor(static_cast<std::size_t>(bench.range(0)));
    decoder_state state(of.model.config(), {1, of.run.length(), of.run.length(), of.run.decisions.size()});
    std::vector<batch_token> pass;
    append_row(pass, of.run, 0);
    no_tap none;
    for (auto _ : bench) benchmark::DoNotOptimize(of.model.decoder().forward(state, pass, executor, none).data());
}

void score(benchmark::State& bench, kept_activations kept) {
    const subject& of = shared();
    thread_pool executor(static_cast<std::size_t>(bench.range(0)));
    const gradient_x_activation<> method{{}, kept};
    for (auto _ : bench)
        benchmark::DoNotOptimize(method.score(of.model, of.run, loop_margin{}, executor).neurons(0).data());
    const backward_cost cost = gradient_cost(of.model.config(), of.run, kept);
    bench.counters["MiB"] = static_cast<double>(cost.bytes) / (1U << 20);
    bench.counters["estimated forwards"] = cost.multiply_adds / cost.of_forward;
}

/// Of one layer, with 64 evaluations between the run and the mean of its answer before the loop.
template <target_type Id>
void completeness(benchmark::State& bench) {
    subject& of = shared();
    const auto layer = static_cast<std::size_t>(bench.range(0));
    target_scores scores(of.model.config());
    path_completeness sums;
    for (auto _ : bench)
        sums =
            integrated_gradients().check<Id>(of.model, of.run, layer, loop_margin{}, of.executor, scores.of<Id>(layer));
    bench.counters["change"] = sums.change;
    bench.counters["attributed"] = sums.attributed;
    bench.counters["absolute"] = sums.absolute;
    bench.counters["error, %"] = 100 * std::abs(sums.attributed - sums.change) / sums.absolute;
    bench.counters["missed, %"] = 100 * sums.missed / sums.absolute;
}

/// Scores of the neurons of the lowest layer, the hardest one, with so many evaluations.
std::vector<double> lowest_scores(std::size_t evaluations) {
    subject& of = shared();
    const mean_activations means = healthy_means(of.run, of.model.config().layers.size());
    target_scores scores(of.model.config());
    (void)integrated_gradients(means, evaluations)
        .check<neuron_id>(of.model, of.run, 0, loop_margin{}, of.executor, scores.of<neuron_id>(0));
    return scores.of<neuron_id>(0);
}

/// How far they are from those with 256 evaluations, in sum of magnitudes.
void distance(benchmark::State& bench) {
    static const std::vector<double> fine = lowest_scores(256);
    std::vector<double> scores;
    for (auto _ : bench) scores = lowest_scores(static_cast<std::size_t>(bench.range(0)));
    double apart = 0, all = 0;
    for (std::size_t i = 0; i < fine.size(); ++i) apart += std::abs(scores[i] - fine[i]), all += std::abs(fine[i]);
    bench.counters["apart, %"] = 100 * apart / all;
}

}  // namespace

int main(int count, char** arguments) {
    if (!bench::has_model("gradient")) return 0;
    const recorded_run& run = shared().run;
    if (run.decisions.empty()) {
        std::puts("gradient: no answer loops");
        return 1;
    }
    benchmark::AddCustomContext("target", dispatched::target());
    benchmark::AddCustomContext("tokens", std::to_string(run.length()));
    benchmark::AddCustomContext("decisions", std::to_string(run.decisions.size()));
    using enum benchmark::TimeUnit;
    for (const int threads : {1, 2}) {
        benchmark::RegisterBenchmark("forward", forward)->Arg(threads)->Unit(kMillisecond)->UseRealTime();
        for (const auto& [name, kept] : {std::pair("gradient_x_activation/residual", kept_activations::residual),
                                         std::pair("gradient_x_activation/every_site", kept_activations::every_site)})
            benchmark::RegisterBenchmark(name, score, kept)->Arg(threads)->Unit(kMillisecond)->UseRealTime();
    }
    for (const std::int64_t layer : {0, 7, 15, 22, 28, 29}) {
        const auto once = [&](auto* registered) {
            registered->Arg(layer)->Iterations(1)->Unit(kSecond)->UseRealTime();
        };
        once(benchmark::RegisterBenchmark("integrated_gradients/neurons", completeness<neuron_id>));
        once(benchmark::RegisterBenchmark("integrated_gradients/heads", completeness<head_id>));
    }
    for (const std::int64_t evaluations : {17, 33, 64, 128})
        benchmark::RegisterBenchmark("integrated_gradients/lowest_layer/evaluations", distance)
            ->Arg(evaluations)
            ->Iterations(1)
            ->Unit(kSecond)
            ->UseRealTime();
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
