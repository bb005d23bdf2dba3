// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A layer's own input joins the stream through its gate, projection and norm; layers without one are left alone.
#include <unloop/blocks/layer_input_gate.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "layer_formulas.hpp"
#include "small_layer.hpp"

using namespace blocks;

namespace layer_input_gate_test {
namespace {

constexpr std::size_t hidden = 18, width = 11, length = 13;
using gate_part = layer_input_gate<kernels::gelu_tanh_t, unloop::rms_norm>;

layer_traits small_traits() {
    layer_traits traits;
    traits.hidden = hidden, traits.layer_input = width, traits.norm_epsilon = 1e-3F;
    traits.mlp_width = 4;  // narrower than the input: scratch space is as wide as the wider of the two
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    return traits;
}

template <class Executor, class Tap>
std::vector<float> applied(small_layer& layer, const gate_part& part, std::vector<float> stream, Executor& executor,
                           Tap& tap) {
    const auto tokens = tokens_of_row(0, 0, stream.size() / hidden);
    auto run = layer.run(tokens, executor, tap);
    part.apply(run, matrix_view(stream.data(), tokens.size(), hidden));
    return stream;
}

/// Multiplies the inputs of odd tokens by zero.
struct silence_odd {
    int calls = 0;
    void operator()(sites::layer_input, const tap_place& place, matrix_view values) {
        ++calls;
        CHECK(place.tokens.size() == length);
        CHECK(values.columns() == width);
        for (std::size_t t = 1; t < values.rows(); t += 2)
            for (float& value : values[t]) value = 0;
    }
};

}  // namespace

TEST_CASE("stream + norm(projection (gelu(gate stream) * input)), the stream un-normed") {
    small_layer layer(small_traits(), 1, length);
    gate_part part;
    layer.fill(part);
    const auto inputs = random_floats(length * hidden, 1, 2.0);
    serial alone;
    no_tap none;
    const auto out = applied(layer, part, inputs, alone, none);
    for (std::size_t t = 0; t < length; ++t) {
        const doubles expected =
            passed_on(part, layer.traits, row_of(const_matrix_view(inputs.data(), length, hidden), t),
                      row_of(layer.layer_input, t));
        REQUIRE(difference(std::span(out).subspan(t * hidden, hidden), expected) < 1e-5);
    }
    thread_pool pool(3);
    CHECK(same_bits(applied(layer, part, inputs, pool, none), out));
}

TEST_CASE("what a tap writes into the layer's input is what joins the stream") {
    small_layer layer(small_traits(), 1, length);
    gate_part part;
    layer.fill(part);
    const auto inputs = random_floats(length * hidden, 2);
    serial alone;
    no_tap none;
    const auto untouched = applied(layer, part, inputs, alone, none);
    silence_odd tap;
    const auto out = applied(layer, part, inputs, alone, tap);
    CHECK(tap.calls == 1);
    for (std::size_t t = 0; t < length; ++t) {
        const auto row = std::span(out).subspan(t * hidden, hidden);
        CHECK(same_bits(row, std::span(t % 2 == 1 ? inputs : untouched).subspan(t * hidden, hidden)));
    }
}

TEST_CASE("a layer without an input of its own has no such parameters, site or effect") {
    layer_traits traits = small_traits();
    traits.layer_input = 0;
    small_layer layer(traits, 1, length);
    gate_part part;
    int parameters = 0;
    part.for_each_parameter(traits, [&](parameter_role, parameter_shape, auto&) { ++parameters; });
    CHECK(parameters == 0);
    const auto inputs = random_floats(length * hidden, 3);
    serial alone;
    silence_odd tap;
    CHECK(same_bits(applied(layer, part, inputs, alone, tap), inputs));
    CHECK(tap.calls == 0);
}

}  // namespace layer_input_gate_test
