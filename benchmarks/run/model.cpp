// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A whole model (UNLOOP_MODEL, a file or a folder): decoding by rows and context, reading of prompts by length, with
// shares of the limits that the same run measures around each. Work counts products with weights; attention's own is
// left out.
#include <unloop/io/memory_watch.hpp>

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <vector>

#include "kernels/limits.hpp"
#include "real_model.hpp"

namespace {

using namespace unloop;

const tool::any_model& model() {
    static const tool::any_model loaded = tool::load_model(bench::model_path());
    return loaded;
}

/// What weights cost: read once a pass, and multiplied once a token.
struct pass_cost {
    double bytes = 0, flops = 0;
};
struct model_cost {
    pass_cost layers, experts, head;
};

/// Tables whose rows are looked up cost nothing; a tied head reads the embedding's.
model_cost cost_of(const tool::any_model& loaded) {
    model_cost cost;
    auto views = loaded.decoder();
    const auto add = [](pass_cost& to, const weight_view& weights) {
        const auto rows = static_cast<double>(weights.rows);
        to.bytes += rows * static_cast<double>(weights.row_stride);
        to.flops += 2 * rows * static_cast<double>(weights.columns);
    };
    views.for_each_parameter([&]<class Slot>(parameter_name name, parameter_shape, Slot& slot) {
        if constexpr (std::same_as<Slot, matrix_parameter>) {
            if (name.role == parameter_role::embedding || name.role == parameter_role::layer_input_embedding) return;
            add(name.role == parameter_role::head ? cost.head : name.expert >= 0 ? cost.experts : cost.layers, slot);
        }
    });
    if (loaded.config().tied_head) add(cost.head, loaded.decoder().head_weights());
    return cost;
}

/// A pass over `tokens` tokens of which `heads` want logits. Of the experts at most as many are read as are chosen.
pass_cost cost_of_pass(std::size_t tokens, std::size_t heads) {
    static const model_cost cost = cost_of(model());
    const layer_traits& layer = model().config().layers.front();
    const auto count = static_cast<double>(tokens);
    const double share =
        layer.experts == 0 ? 0 : static_cast<double>(layer.experts_used) / static_cast<double>(layer.experts);
    return {cost.layers.bytes + cost.experts.bytes * std::min(1.0, share * count) + (heads > 0 ? cost.head.bytes : 0),
            (cost.layers.flops + cost.experts.flops * share) * count + cost.head.flops * static_cast<double>(heads)};
}

/// The most memory that the program has held so far beyond what it began with, mapped files included.
double memory_high_water() {
    static const memory_watch since_begin;
    return static_cast<double>(since_begin.bytes()) * 1e-6;
}

/// `tokens` in `passes` passes, `heads` of them with logits.
void count_tokens(benchmark::State& state, std::size_t tokens, std::size_t heads, std::size_t passes) {
    const pass_cost cost = cost_of_pass(tokens, heads);
    bench::count_work(state, cost.flops, cost.bytes * static_cast<double>(passes));
    state.counters["tokens/s"] =
        benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["peak_MB"] = memory_high_water();
}

/// `count` tokens of row 0 from position `first` on; the last one wants logits if asked for.
std::vector<batch_token> part_of_prompt(std::size_t first, std::size_t count, bool wants_logits) {
    std::vector<batch_token> tokens;
    for (std::size_t t = first; t < first + count; ++t)
        tokens.push_back({static_cast<token_id>(1000 + t % 5000), 0, static_cast<std::int32_t>(t), false});
    tokens.back().wants_logits = wants_logits;
    return tokens;
}

constexpr std::size_t chunk = 512, steps = 128;

/// `rows` rows whose contexts hold `context` tokens, with room for `steps` more. The last one made is kept: a benchmark
/// is called several times until it knows how often to repeat, and a long context takes minutes to read.
decoder_state& context_of(std::size_t rows, std::size_t context) {
    static std::optional<decoder_state> made;
    static std::size_t made_rows = 0, made_context = 0;
    if (made && made_rows == rows && made_context == context) return *made;
    made.reset();
    made.emplace(model().config(), state_size{rows, context + steps, std::max(rows, chunk), rows});
    no_tap none;
    for (std::size_t at = 0; at < context; at += chunk)
        model().decoder().forward(*made, part_of_prompt(at, std::min(chunk, context - at), false), bench::pool(), none);
    for (std::size_t r = 1; r < rows; ++r) made->copy_row(0, r, context);
    made_rows = rows, made_context = context;
    return *made;
}

/// Steps of `rows` rows whose contexts hold `context` tokens, and up to 127 more.
void decode(benchmark::State& state) {
    const auto rows = static_cast<std::size_t>(state.range(0)), context = static_cast<std::size_t>(state.range(1));
    decoder_state& memory = context_of(rows, context);
    no_tap none;
    std::vector<batch_token> step(rows);
    const auto run_step = [&](std::size_t position) {
        for (std::size_t r = 0; r < rows; ++r)
            step[r] = {static_cast<token_id>(2000 + r), static_cast<std::int32_t>(r),
                       static_cast<std::int32_t>(position), true};
        benchmark::DoNotOptimize(model().decoder().forward(memory, step, bench::pool(), none).data());
    };
    run_step(context);  // reads what the context did not need, the head, from the file
    std::size_t position = context;
    for (auto _ : state) {
        run_step(position);
        position = position + 1 == context + steps ? context : position + 1;
    }
    count_tokens(state, rows, rows, 1);
}

/// A prompt of so many tokens, in passes of 512; its last token wants logits.
void read_prompt(benchmark::State& state) {
    const auto tokens = static_cast<std::size_t>(state.range(0));
    decoder_state memory(model().config(), {1, tokens, std::min(tokens, chunk), 1});
    no_tap none;
    for (auto _ : state)
        for (std::size_t at = 0; at < tokens; at += chunk) {
            const std::size_t count = std::min(chunk, tokens - at);
            const auto part = part_of_prompt(at, count, at + count == tokens);
            benchmark::DoNotOptimize(model().decoder().forward(memory, part, bench::pool(), none).data());
        }
    count_tokens(state, tokens, 1, (tokens + chunk - 1) / chunk);
}

}  // namespace

int main(int count, char** arguments) {
    if (!bench::has_model("run")) return 0;
    (void)bench::machine();     // its 512 MiB are not the model's
    (void)memory_high_water();  // counts from here on
    benchmark::RegisterBenchmark("decode/rows/context", decode)
        ->ArgsProduct({{1, 4, 16, 32, 64}, {64}})
        ->ArgsProduct({{1}, {0, 1024, 8000}})
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("prompt/tokens", read_prompt)
        ->Arg(128)
        ->Arg(512)
        ->Arg(2048)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
    return bench::run(count, arguments);
}
