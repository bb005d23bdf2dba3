// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The layer scalar multiplies the whole stream.
#include <unloop/blocks/layer_scale.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "small_layer.hpp"

using namespace blocks;

TEST_CASE("every value of the stream is multiplied by the layer's one factor") {
    layer_traits traits;
    traits.hidden = 7, traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    small_layer layer(traits, 2, 20);
    layer_scale scalar;
    int parameters = 0;
    const float factor[] = {-0.375F};
    scalar.for_each_parameter(traits, [&](parameter_role role, parameter_shape shape, vector_parameter& slot) {
        CHECK(role == parameter_role::layer_scale);
        CHECK(shape == parameter_shape{1, 1});
        slot = factor, ++parameters;
    });
    CHECK(parameters == 1);
    const auto tokens = tokens_of_row(1, 0, 20);
    const auto inputs = random_floats(20 * 7, 1);
    no_tap none;
    thread_pool pool(3);
    auto run = layer.run(tokens, pool, none);
    auto stream = inputs;
    scalar.apply(run, matrix_view(stream.data(), 20, 7));
    for (std::size_t i = 0; i < inputs.size(); ++i) REQUIRE(stream[i] == inputs[i] * -0.375F);
}
