// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Generation: tokens of transformers, whatever the batch, the chunk and the threads; rows that end; stop rules.
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/generate.hpp>
#include <unloop/io/load.hpp>

#include <cmath>

#include "support/golden.hpp"

namespace {

using namespace unloop;

auto golden_llama() { return load<llama>(gguf::open(golden::path("gguf/llama.bf16.gguf")), dispatched{}); }

/// The goldens' prompts: the first `length` tokens of each row.
std::vector<std::vector<token_id>> golden_prompts(const golden::tensors& expected, std::size_t length) {
    const auto tokens = expected.integers("tokens");
    const std::size_t rows = expected.shape("tokens")[0], columns = expected.shape("tokens")[1];
    std::vector<std::vector<token_id>> prompts;
    for (std::size_t b = 0; b < rows; ++b)
        prompts.emplace_back(tokens.begin() + static_cast<std::ptrdiff_t>(b * columns),
                             tokens.begin() + static_cast<std::ptrdiff_t>(b * columns + length));
    return prompts;
}

/// Stops after `left` tokens; shows that each row has a rule of its own.
struct countdown {
    int left;
    std::optional<finding> observe(token_id, std::string_view) {
        return --left == 0 ? std::optional(finding{}) : std::nullopt;
    }
};

std::vector<std::vector<token_id>> tokens_of(const std::vector<record>& records) {
    std::vector<std::vector<token_id>> tokens;
    for (const record& row : records) tokens.push_back(row.tokens);
    return tokens;
}

}  // namespace

TEST_CASE("greedy records equal transformers for every batch, chunk and number of threads") {
    const auto model = golden_llama();
    const golden::tensors expected("models/llama/expected.safetensors");
    auto prompts = golden_prompts(expected, 12);
    const auto greedy_tokens = expected.integers("greedy");
    std::vector<std::vector<token_id>> answers;
    for (std::size_t b = 0; b < prompts.size(); ++b)
        answers.emplace_back(greedy_tokens.begin() + static_cast<std::ptrdiff_t>(b * 64),
                             greedy_tokens.begin() + static_cast<std::ptrdiff_t>(b * 64 + 64));
    for (int copy = 0; copy < 2; ++copy)  // more prompts than rows: places are used again
        for (std::size_t b = 0; b < 3; ++b) prompts.push_back(prompts[b]), answers.push_back(answers[b]);
    no_tap none;
    for (std::size_t batch : {1U, 2U, 5U, 64U})
        for (std::size_t chunk : {1U, 7U, 128U})
            for (std::size_t threads : {1U, 3U}) {
                const generation_options options{
                    .max_tokens = 64, .batch = batch, .threads = threads, .chunk = chunk, .stop_at_end_token = false};
                const auto records = generate_all(model, prompts, options, greedy{}, never_stop{}, none);
                INFO("batch " << batch << ", chunk " << chunk << ", threads " << threads);
                REQUIRE(tokens_of(records) == answers);
                REQUIRE(records[0].reason == stop_reason::length);
            }
}

TEST_CASE("log-probabilities are those of the expected logits") {
    const auto model = golden_llama();
    const golden::tensors expected("models/llama/expected.safetensors");
    const auto logits = expected.floats("logits");
    const auto prompts = golden_prompts(expected, 36);
    no_tap none;
    const auto records =
        generate_all(model, prompts, {.max_tokens = 1, .log_probabilities = true}, greedy{}, never_stop{}, none);
    for (std::size_t b = 0; b < 3; ++b) {
        const std::span<const float> last(logits.data() + (b * 36 + 35) * 272, 272);
        double sum = 0;
        for (float value : last) sum += std::exp(static_cast<double>(value));
        const auto chosen = static_cast<std::size_t>(records[b].tokens[0]);
        REQUIRE(std::abs(records[b].log_probabilities[0] - (static_cast<double>(last[chosen]) - std::log(sum))) < 1e-4);
    }
}

TEST_CASE("a row ends by its rule, and the others go on") {
    const auto model = golden_llama();
    const auto prompts = golden_prompts(golden::tensors("models/llama/expected.safetensors"), 12);
    no_tap none;
    const auto records =
        generate_all(model, prompts, {.max_tokens = 9, .stop_at_end_token = false}, greedy{}, countdown{5}, none);
    for (const record& row : records) {
        REQUIRE(row.tokens.size() == 5);
        REQUIRE(row.reason == stop_reason::loop);
        REQUIRE(row.loop == finding{});
    }
}

TEST_CASE("a sink that says stop ends the run with what there is") {
    const auto model = golden_llama();
    const auto prompts = golden_prompts(golden::tensors("models/llama/expected.safetensors"), 12);
    no_tap none;
    int calls = 0;
    const auto records = generate_all(model, prompts, {.max_tokens = 50, .stop_at_end_token = false}, greedy{},
                                      never_stop{}, none, [&](const progress_event&) { return ++calls < 4; });
    REQUIRE(records[0].tokens.size() == 3);
    REQUIRE(records[0].reason == stop_reason::cancelled);
}

TEST_CASE("bad prompts are refused with a reason") {
    const auto model = golden_llama();
    REQUIRE_THROWS_AS(generate(model, ids_prompt{{}}), error);
    REQUIRE_THROWS_AS(generate(model, ids_prompt{{272}}), error);
    REQUIRE_THROWS_AS(generate(model, ids_prompt{{-1}}), error);
    REQUIRE_THROWS_AS(generate(model, chat{"hello"}), error);  // the golden file has no chat template
}

TEST_CASE("the real model loops on a list, and the detectors stop it there", "[real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = load<llama>(gguf::open(*path), dispatched{});
    const chat question{"Give me a complete numbered list of dog breeds."};
    const generation_options options{.max_tokens = 128, .threads = 2};
    const record list = generate(model, question, options, stop_at(list_collapse{}));
    CHECK(list.reason == stop_reason::loop);
    CHECK(list.tokens.size() < 128);
    const record healthy = generate(model, chat{"What is the capital of France?"}, options, stop_at(periodic_loop{}));
    CHECK(healthy.reason == stop_reason::end_token);
    CHECK(healthy.text == "The capital of France is Paris.");
}
