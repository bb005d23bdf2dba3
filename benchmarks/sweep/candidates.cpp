// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A sweep with the real model (UNLOOP_MODEL): 64 candidate edits answer one prompt in one batch, against one after the
// other. UNLOOP_ALONE says how many of them are timed alone (8); the time of all 64 is scaled from these.
#include <unloop/backend/dispatched.hpp>
#include <unloop/edit/generate_candidates.hpp>
#include <unloop/edit/operators.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/limits.hpp"
#include "real_model.hpp"

namespace {

using namespace unloop;

constexpr std::size_t candidates = 64;

template <class Work>
double seconds_of(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::size_t number_from(const char* variable, std::size_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<std::size_t>(std::strtoul(text, nullptr, 10));
}

/// Each inverts one neuron, drawn over all layers.
std::vector<plan> drawn_plans(const decoder_config& config) {
    random_sequence random(1);
    std::vector<plan> plans;
    while (plans.size() < candidates) {
        const auto layer = static_cast<std::int32_t>(random.below(config.layers.size()));
        const auto width = config.layers[static_cast<std::size_t>(layer)].mlp_width;
        plans.push_back(invert(neuron_id{layer, static_cast<std::int32_t>(random.below(width))}));
    }
    return plans;
}

/// Multiply-adds count as two; attention is taken over `context` positions, what tokens see in the mean.
double operations_of(const decoder_config& config, double computed, double heads, std::size_t context) {
    double layers = 0;
    for (const layer_traits& layer : config.layers)
        layers += static_cast<double>(
            layer.hidden * (2 * layer.query_width() + 2 * layer.key_value_width() + 3 * layer.mlp_width) +
            2 * context * layer.query_width());
    return 2 * (computed * layers + heads * static_cast<double>(config.hidden * config.vocabulary));
}

void report(const char* name, double seconds, const generated& all, const decoder_config& config) {
    std::size_t answers = 0;
    for (const record& row : all.records) answers += row.tokens.size();
    const std::size_t context = all.records.front().prompt.size() + answers / all.records.size() / 2;
    bench::machine().measure_again();
    const double operations = operations_of(config, all.work.computed, static_cast<double>(all.work.heads), context);
    std::printf(
        "%-22s %7.2f s  %7.1f tokens/s  %6zu tokens, %8.1f computed, %8.1f shared, %zu heads of %zu  %6.1f GFLOP/s, "
        "%.2f of the peak\n",
        name, seconds, static_cast<double>(answers) / seconds, all.work.tokens, all.work.computed, all.work.shared(),
        all.work.heads, answers, operations / seconds * 1e-9, operations / seconds / bench::machine().flops());
}

/// A tap that says nothing about rows, so that they share the weights alone.
struct apart {
    row_plans& plans;
    void begin_row(std::size_t row, std::size_t prompt) { plans.begin_row(row, prompt); }
    template <edited_site Site>
    void operator()(Site site, const tap_place& place, matrix_view values) const {
        plans(site, place, values);
    }
};

}  // namespace

int main() {
    if (!bench::has_model("candidates")) return 0;
    const auto model = tool::load_model(bench::model_path());
    const std::vector<std::vector<token_id>> prompt{
        encode_prompt(model, chat{"Give me a complete numbered list of dog breeds."})};
    const auto prompts = std::span<const std::vector<token_id>>(prompt);
    const std::vector<plan> plans = drawn_plans(model.config());
    std::vector<const plan*> arms;
    for (const plan& one : plans) arms.push_back(&one);
    const std::size_t threads = bench::pool().threads();
    const generation_options options{.max_tokens = number_from("UNLOOP_TOKENS", 256),
                                     .batch = candidates,
                                     .threads = threads,
                                     .stop_at_end_token = false};
    std::printf("%zu candidates, %zu tokens each, prompt of %zu, %zu threads, %s, multiply-add peak %.1f GFLOP/s\n",
                candidates, options.max_tokens, prompt[0].size(), threads, dispatched::target(),
                bench::machine().flops() * 1e-9);

    generated together, by_weights;
    const double batch = seconds_of([&] { together = generate_candidates(model, prompts, arms, options); });
    report("one batch", batch, together, model.config());
    if (number_from("UNLOOP_APART", 0) > 0) {
        row_plans rows(arms);
        apart tap{rows};
        const std::vector<std::vector<token_id>> cells(candidates, prompt[0]);
        const double seconds = seconds_of([&] {
            by_weights = generate_counted(model, std::span<const std::vector<token_id>>(cells), options, greedy{},
                                          never_stop{}, tap);
        });
        report("sharing weights alone", seconds, by_weights, model.config());
    }
    const std::size_t alone = std::min(number_from("UNLOOP_ALONE", 8), candidates);
    bool same = true;
    const double some = seconds_of([&] {
        for (std::size_t i = 0; i < alone; ++i) {
            const std::size_t which = i * candidates / alone;
            const auto one = generate_candidates(model, prompts, std::span(arms).subspan(which, 1), options);
            same = same && one.records[0].tokens == together.records[which].tokens;
        }
    });
    const double all = some * static_cast<double>(candidates) / static_cast<double>(alone);
    std::printf("one after the other    %7.2f s  (%zu timed in %.2f s)  tokens are %s\n", all, alone, some,
                same ? "the same" : "DIFFERENT");
    std::printf("one batch is %.1f times faster\n", all / batch);
    return same ? 0 : 1;
}
