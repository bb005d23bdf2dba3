// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The wiring of Llama: a norm of its own before each branch, nothing behind.
#include <unloop/blocks/pre_norm.hpp>

#include <catch2/catch_test_macros.hpp>

#include "small_layer.hpp"

using namespace blocks;

TEST_CASE("each branch is entered through its own norm and left as it is") {
    layer_traits traits;
    traits.hidden = 10, traits.norm_epsilon = 1e-2F;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    small_layer layer(traits, 1, 3);
    pre_norm<unloop::rms_norm> wiring;
    layer.fill(wiring);
    const auto inputs = random_floats(30, 1);
    const auto tokens = tokens_of_row(0, 0, 3);
    const const_matrix_view x(inputs.data(), 3, 10);
    serial alone;
    no_tap none;
    auto run = layer.run(tokens, alone, none);
    std::vector<float> attention(30), feed_forward(30);
    wiring.enter_attention(run, x, matrix_view(attention.data(), 3, 10));
    wiring.enter_feed_forward(run, x, matrix_view(feed_forward.data(), 3, 10));
    for (std::size_t t = 0; t < 3; ++t) {
        CHECK(difference(std::span(attention).subspan(t * 10, 10),
                         normed(wiring.attention.weight, 1e-2F, row_of(x, t))) < 1e-6);
        CHECK(difference(std::span(feed_forward).subspan(t * 10, 10),
                         normed(wiring.feed_forward.weight, 1e-2F, row_of(x, t))) < 1e-6);
    }
    auto branch = inputs;
    wiring.leave_attention(run, matrix_view(branch.data(), 3, 10));
    wiring.leave_feed_forward(run, matrix_view(branch.data(), 3, 10));
    CHECK(branch == inputs);
}
