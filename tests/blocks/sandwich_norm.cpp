// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Each branch is entered through one norm and left through another, each with a weight of its own.
#include <unloop/blocks/sandwich_norm.hpp>

#include <catch2/catch_test_macros.hpp>

#include "small_layer.hpp"

using namespace blocks;

namespace sandwich_norm_test {
namespace {

constexpr std::size_t hidden = 10, length = 3;

layer_traits small_traits() {
    layer_traits traits;
    traits.hidden = hidden, traits.norm_epsilon = 1e-2F;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    return traits;
}

}  // namespace

TEST_CASE("branches are entered and left through norms of their own") {
    small_layer layer(small_traits(), 1, length);
    sandwich_norm<unloop::rms_norm> wiring;
    layer.fill(wiring);
    const auto inputs = random_floats(length * hidden, 1);
    const auto tokens = tokens_of_row(0, 0, length);
    const const_matrix_view x(inputs.data(), length, hidden);
    serial alone;
    no_tap none;
    auto run = layer.run(tokens, alone, none);
    const auto is_norm = [&](const std::vector<float>& out, std::span<const float> weight) {
        double apart = 0;
        for (std::size_t t = 0; t < length; ++t)
            apart = std::max(
                apart, difference(std::span(out).subspan(t * hidden, hidden), normed(weight, 1e-2F, row_of(x, t))));
        return apart < 1e-6;
    };
    std::vector<float> out(inputs.size());
    const matrix_view written(out.data(), length, hidden);
    wiring.enter_attention(run, x, written);
    CHECK(is_norm(out, wiring.attention.weight));
    wiring.enter_feed_forward(run, x, written);
    CHECK(is_norm(out, wiring.feed_forward.weight));
    out = inputs;
    wiring.leave_attention(run, written);
    CHECK(is_norm(out, wiring.attention_output.weight));
    out = inputs;
    wiring.leave_feed_forward(run, written);
    CHECK(is_norm(out, wiring.feed_forward_output.weight));
    CHECK_FALSE(is_norm(out, wiring.feed_forward.weight));
}

TEST_CASE("a branch that is zero joins as zero") {
    small_layer layer(small_traits(), 1, length);
    sandwich_norm<unloop::rms_norm> wiring;
    layer.fill(wiring);
    const auto tokens = tokens_of_row(0, 0, length);
    serial alone;
    no_tap none;
    auto run = layer.run(tokens, alone, none);
    std::vector<float> branch(length * hidden);
    wiring.leave_attention(run, matrix_view(branch.data(), length, hidden));
    wiring.leave_feed_forward(run, matrix_view(branch.data(), length, hidden));
    CHECK(branch == std::vector<float>(length * hidden));
}

TEST_CASE("a sandwich has four norms as wide as the stream") {
    sandwich_norm<unloop::rms_norm> wiring;
    std::vector<parameter_role> roles;
    wiring.for_each_parameter(small_traits(), [&](parameter_role role, parameter_shape shape, vector_parameter&) {
        CHECK(shape == parameter_shape{1, hidden});
        roles.push_back(role);
    });
    using enum parameter_role;
    CHECK(roles == std::vector{attention_norm, attention_output_norm, feed_forward_norm, feed_forward_output_norm});
}

}  // namespace sandwich_norm_test
