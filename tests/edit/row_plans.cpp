// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Many plans in one batch: each prompt runs as it would alone.
#include <unloop/edit/row_plans.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>

#include <tuple>

#include "edit/golden_llama.hpp"

namespace {

using namespace unloop;

using token_lists = std::vector<std::vector<token_id>>;

static_assert(activation_tap<row_plans> && row_listener<row_plans>);

}  // namespace

TEST_CASE("each prompt runs under its own plan, whichever row it gets", "[invariance]") {
    const auto model = test::load_llama(golden::path(test::bf16_llama));
    constexpr std::size_t count = 120;
    std::vector<plan> plans;
    for (std::uint64_t i = 0; i < 7; ++i) plans.push_back(test::random_plan(i, 1 + i, {0.0F, -1.0F, 2.5F}));
    plans.emplace_back();
    std::vector<const plan*> plan_of_prompt;
    token_lists prompts, alone;
    for (std::size_t i = 0; i < count; ++i) {
        plan_of_prompt.push_back(i % 9 == 8 ? nullptr : &plans[i % 9 % plans.size()]);
        prompts.push_back(test::random_prompt(i, 3 + i % 11));
    }
    const generation_options few{.max_tokens = 12};
    std::size_t changed = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const plan own = plan_of_prompt[i] == nullptr ? plan{} : *plan_of_prompt[i];
        alone.push_back(test::tokens_of(model, {prompts[i]}, plan_tap(own), few)[0]);
        changed += alone[i] != test::tokens_of(model, {prompts[i]}, no_tap{}, few)[0] ? 1U : 0U;
    }
    CHECK(changed > count / 4);  // else the plans show nothing
    for (const auto& [batch, chunk, threads] : {std::tuple{1U, 4U, 1U}, {5U, 3U, 1U}, {32U, 64U, 2U}, {120U, 7U, 2U}}) {
        INFO("batch " << batch);
        const generation_options options{.max_tokens = 12, .batch = batch, .threads = threads, .chunk = chunk};
        CHECK(test::tokens_of(model, prompts, row_plans(plan_of_prompt), options) == alone);
    }
}

TEST_CASE("a row without a prompt is unedited") {
    const plan edits = suppress(neuron_id{0, 1});
    row_plans tap({&edits, nullptr});
    std::vector<batch_token> tokens(3);
    tokens[0].row = 2, tokens[1].row = 0, tokens[2].row = 7;
    tap.begin_row(2, 0);
    tap.begin_row(0, 1);
    std::vector<float> values{1, 2, 3, 4, 5, 6};
    tap(sites::mlp_neurons{}, {0, tokens}, {values.data(), 3, 2});
    CHECK(values == std::vector<float>{1, 0, 3, 4, 5, 6});
    tap.begin_row(2, 1);
    tap.begin_row(0, 0);
    tap(sites::mlp_neurons{}, {0, tokens}, {values.data(), 3, 2});
    CHECK(values == std::vector<float>{1, 0, 3, 0, 5, 6});
    tap(sites::mlp_neurons{}, {5, tokens}, {values.data(), 3, 2});
    CHECK(values == std::vector<float>{1, 0, 3, 0, 5, 6});
}
