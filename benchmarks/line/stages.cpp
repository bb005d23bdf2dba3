// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The line with the real model (UNLOOP_MODEL), at the sizes of the demo's second act: wall time of each stage, tokens
// that it generated, and tokens that it did not need because answers ended or were stopped at a finding.
#include <benchmark/benchmark.h>
#include <unloop/backend/dispatched.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/search/greedy_combinations.hpp>
#include <unloop/search/localize.hpp>
#include <unloop/search/search.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "real_model.hpp"
#include "unloop/suites.hpp"

namespace {

using namespace unloop;

constexpr std::size_t most_tokens = 160;

std::size_t tokens_of(std::span<const record> answers) {
    std::size_t tokens = 0;
    for (const record& answer : answers) tokens += answer.tokens.size();
    return tokens;
}

/// Counts the tokens of what a search measures.
struct counting_memory {
    std::size_t& tokens;
    std::size_t& answers;

    [[nodiscard]] static std::optional<tried_plan> find(const plan& /*edited*/, std::size_t /*probes*/) { return {}; }
    void keep(const plan& /*edited*/, std::size_t /*probes*/, const tried_plan& tried) const {
        tokens += tokens_of(tried.answers);
        answers += tried.answers.size();
    }
};

void count(benchmark::State& state, std::size_t generated, std::size_t not_needed) {
    state.counters["tokens"] = static_cast<double>(generated);
    state.counters["not_needed"] = static_cast<double>(not_needed);
}

/// What stages hand on.
struct line {
    tool::any_model model = tool::load_model(bench::model_path());
    std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    probe_suite fit = tool::take(tool::open_suite("lists_fit", bench::model_path()), 24);
    probe_suite select = tool::take(tool::open_suite("lists_select", bench::model_path()), 12);
    probe_suite report = tool::take(tool::open_suite("lists_report", bench::model_path()), 24);
    side_effect_texts texts = tool::open_texts(model, data_role::select);
    localization found;
    plan edit;

    void reproduce(benchmark::State& state) {
        const auto prompts = encode_suite(model, fit);
        const plan* const unedited = nullptr;
        generated answers;
        for (auto _ : state)
            answers =
                generate_candidates(model, std::span<const std::vector<token_id>>(prompts), std::span(&unedited, 1),
                                    {.max_tokens = most_tokens, .threads = threads}, greedy{}, stop_at_loops());
        count(state, tokens_of(answers.records), answers.work.not_needed);
    }
    void localise(benchmark::State& state) {
        for (auto _ : state) found = localize(model, fit, {.max_tokens = most_tokens, .threads = threads});
    }
    void seek(benchmark::State& state) {
        std::size_t tokens = 0, answers = 0;
        for (auto _ : state) {
            const search_result result =
                search(model, found, select, texts.healthy, greedy_combinations{}, {},
                       {.answers = {.max_tokens = most_tokens, .threads = threads}, .texts = {.threads = threads}},
                       no_progress{}, counting_memory{tokens, answers});
            if (const auto chosen = result.best ? result.best : result.fewest_loops) edit = result.trials[*chosen].edit;
        }
        count(state, tokens, answers * most_tokens - tokens);
    }
    void evaluate(benchmark::State& state) {
        const std::vector<arm> arms{{"as shipped", nullptr}, {"edited", &edit}};
        std::vector<arm_answers> answers;
        for (auto _ : state) {
            answers = answer_suite(model, report, arms, {.max_tokens = most_tokens, .threads = threads});
            benchmark::DoNotOptimize(token_divergence(model, edit, texts.healthy, {.threads = threads}));
        }
        std::size_t tokens = 0;
        for (const arm_answers& one : answers) tokens += tokens_of(one.answers);
        count(state, tokens, arms.size() * report.probes.size() * most_tokens - tokens);
    }
};

}  // namespace

int main(int count, char** arguments) {
    if (!bench::has_model("line")) return 0;
    static line stages;
    const auto stage = [](const char* name, void (line::*run)(benchmark::State&)) {
        benchmark::RegisterBenchmark(name, [run](benchmark::State& state) { (stages.*run)(state); })
            ->Iterations(1)
            ->UseRealTime()
            ->Unit(benchmark::kSecond);
    };
    stage("reproduce", &line::reproduce), stage("localise", &line::localise);
    stage("search", &line::seek), stage("evaluate", &line::evaluate);
    benchmark::AddCustomContext("target", dispatched::target());
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
