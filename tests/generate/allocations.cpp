// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// No step of a run asks for memory: every allocation of this test program is counted.
#include <catch2/catch_test_macros.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/generate/sampling.hpp>

#include <array>

#include "generate/counted_new.hpp"
#include "support/any_model.hpp"

namespace {

using namespace unloop;

/// Allocations of each pass; asks for no memory itself.
struct allocations_by_pass {
    std::array<std::size_t, 64> before{};
    std::size_t passes = 0;
    bool operator()(const progress_event&) {
        before[passes++] = test::allocations();
        return true;
    }
    /// Of the passes from `first` on, but for the last, in which rows end.
    [[nodiscard]] std::size_t since(std::size_t first) const { return before[passes - 1] - before[first]; }
};

/// Allocations of the steps of `rows` sequences behind their first tokens.
template <class Model>
std::size_t allocations_of_steps(const Model& model, std::size_t rows, std::size_t threads) {
    decoder_state state(model.config(), {rows, 96, rows * 4, rows});
    thread_pool executor(threads);
    no_tap none;
    std::vector<batch_token> pass(rows);
    const std::size_t before = test::allocations();
    for (std::int32_t position = 0; position < 96; ++position) {
        for (std::size_t r = 0; r < rows; ++r)
            pass[r] = {static_cast<token_id>((r + 7 * static_cast<std::size_t>(position)) % 250),
                       static_cast<std::int32_t>(r), position, true};
        model.decoder().forward(state, pass, executor, none);
    }
    return test::allocations() - before;
}

}  // namespace

TEST_CASE("the counter counts") {
    const std::size_t before = test::allocations();
    const std::vector<int> some(100);
    CHECK(test::allocations() == before + 1);
}

TEST_CASE("a step of a decoder allocates nothing, rings, shared keys and experts included") {
    for (const std::size_t rows : {1U, 5U})
        for (const std::size_t threads : {1U, 2U}) {
            for (const char* const name : {"models/e_like", "models/moe", "gguf/llama.q8_0.gguf"})
                CHECK(allocations_of_steps(test::golden_model(name), rows, threads) == 0);
        }
}

TEST_CASE("a step of a run allocates nothing, whatever the sampler") {
    const auto model = test::golden_model();
    const std::vector<std::vector<token_id>> prompts{{2, 40, 41}, {2, 7}, {2, 99, 98, 97, 96}, {2, 40, 41}};
    const auto allocated = [&](const auto& sampler, std::size_t threads, bool log_probabilities) {
        allocations_by_pass counted;
        no_tap none;
        const generation_options options{
            .max_tokens = 40, .threads = threads, .log_probabilities = log_probabilities, .stop_at_end_token = false};
        const auto records = generate_all(model, prompts, options, sampler, never_stop{}, none, counted);
        CHECK(records.back().tokens.size() == 40);
        CHECK(counted.passes >= 40);
        return counted.since(3);
    };
    const sampling all{1.2F, 3, 0.8F, 40, 0.9F, 0.01F, 5};
    for (const std::size_t threads : {1U, 2U})
        for (const bool log_probabilities : {false, true}) {
            CHECK(allocated(greedy{}, threads, log_probabilities) == 0);
            CHECK(allocated(all, threads, log_probabilities) == 0);
        }
}
