// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The family of examples/extend/my_family computes what transformers does with Qwen3, read from its GGUF file.
#include <catch2/catch_template_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/generate.hpp>

#include "../../examples/extend/my_family/my_file.hpp"
#include "golden_run.hpp"

using namespace unloop;

// [parity]
TEMPLATE_TEST_CASE("a family of one's own has the logits of transformers", "[parity]", reference, dispatched) {
    const auto model = my::open(golden::path("gguf/qwen3.bf16.gguf"), TestType{});
    const golden::tensors expected("gguf/qwen3.expected.safetensors");
    const auto ids = expected.integers("tokens");
    std::vector<batch_token> pass;
    for (std::int32_t row = 0; row < 2; ++row)
        for (std::int32_t t = 0; t < 20; ++t) pass.push_back({ids[pass.size()], row, t, true});
    decoder_state state(model.config(), {2, 20, 40, 40});
    serial executor;
    no_tap none;
    const matrix_view logits = model.decoder().forward(state, pass, executor, none);
    CHECK(golden::difference(std::span(logits.data(), 40 * 60), expected.floats("logits")) < 1e-4);
}
// [/parity]

TEST_CASE("whatever takes a model takes one of a family of one's own: greedy tokens equal those of transformers") {
    const auto model = my::open(golden::path("gguf/qwen3.bf16.gguf"), dispatched{});
    const golden::tensors expected("gguf/qwen3.expected.safetensors");
    const auto ids = expected.integers("tokens"), greedy_ids = expected.integers("greedy");
    const std::vector<std::vector<token_id>> prompts{{ids.begin(), ids.begin() + 8},
                                                     {ids.begin() + 20, ids.begin() + 28}};
    no_tap none;
    const auto records = generate_all(model, prompts, {.max_tokens = 24}, greedy{}, never_stop{}, none);
    for (std::size_t b = 0; b < 2; ++b) {
        const auto row = std::span(greedy_ids).subspan(b * 24, 24);
        CHECK(records[b].tokens == std::vector<token_id>(row.begin(), row.end()));
    }
}

TEST_CASE("a family of one's own has the same bits in every way to run it", "[invariance]") {
    golden::check_invariance(golden::golden_run(my::open(golden::path("gguf/qwen3.bf16.gguf"), dispatched{}),
                                                "gguf/qwen3.expected.safetensors"));
}
