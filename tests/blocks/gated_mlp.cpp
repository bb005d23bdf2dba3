// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The gated MLP against its formula, and its sites in order.
#include <unloop/blocks/gated_mlp.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <string>  // order of sites

#include "small_layer.hpp"

using namespace blocks;

namespace {

layer_traits mlp_traits() {
    layer_traits traits;
    traits.hidden = 20, traits.mlp_width = 37;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    return traits;
}

/// Keeps the values of each site, and the order of the sites.
struct listener {
    std::string order;
    std::vector<float> gate, up, neurons;
    static void keep(matrix_view values, std::vector<float>& to) {
        for (std::size_t t = 0; t < values.rows(); ++t) to.insert(to.end(), values[t].begin(), values[t].end());
    }
    void operator()(sites::mlp_gate, const tap_place& place, matrix_view values) {
        CHECK(place.layer == 7);
        CHECK(place.tokens.size() == values.rows());
        order += "gate ", keep(values, gate);
    }
    void operator()(sites::mlp_up, const tap_place&, matrix_view values) { order += "up ", keep(values, up); }
    void operator()(sites::mlp_neurons, const tap_place&, matrix_view values) {
        order += "neurons", keep(values, neurons);
    }
};

// [tap]
/// Multiplies one neuron.
struct scaling {
    std::size_t neuron;
    float factor;
    void operator()(sites::mlp_neurons, const tap_place&, matrix_view values) const {
        for (std::size_t t = 0; t < values.rows(); ++t) values[t][neuron] *= factor;
    }
};
// [/tap]

template <class Tap, class Executor>
std::vector<float> outputs(small_layer& layer, const llama_mlp& mlp, const std::vector<float>& inputs, Tap& tap,
                           Executor& executor) {
    const std::size_t count = inputs.size() / layer.traits.hidden;
    std::vector<float> out(inputs.size());
    const auto tokens = tokens_of_row(0, 0, count);
    auto run = layer.run(tokens, executor, tap);
    const const_matrix_view normed(inputs.data(), count, layer.traits.hidden);
    mlp.forward(run, feed_forward_input{normed, normed}, matrix_view(out.data(), count, layer.traits.hidden));
    return out;
}

}  // namespace

TEST_CASE("a gated MLP is down (silu(gate x) * up x), and says so at its sites") {
    small_layer layer(mlp_traits(), 1, 11);
    llama_mlp mlp;
    layer.fill(mlp);
    const std::size_t hidden = layer.traits.hidden, width = layer.traits.mlp_width;
    const auto inputs = random_floats(11 * hidden, 1, 2.0);
    serial alone;
    listener heard;
    const auto out = outputs(layer, mlp, inputs, heard, alone);
    CHECK(heard.order == "gate up neurons");
    for (std::size_t t = 0; t < 11; ++t) {
        const doubles x = row_of(const_matrix_view(inputs.data(), 11, hidden), t);
        CHECK(difference(std::span(out).subspan(t * hidden, hidden), gated(mlp, x)) < 1e-5);
        const doubles gate = times(mlp.gate, x), up = times(mlp.up, x);
        CHECK(difference(std::span(heard.gate).subspan(t * width, width), gate) < 1e-5);
        CHECK(difference(std::span(heard.up).subspan(t * width, width), up) < 1e-5);
        doubles neurons(width);
        for (std::size_t j = 0; j < width; ++j) neurons[j] = gate[j] / (1 + std::exp(-gate[j])) * up[j];
        CHECK(difference(std::span(heard.neurons).subspan(t * width, width), neurons) < 1e-5);
    }
    no_tap none;
    thread_pool pool(3);
    CHECK(same_bits(outputs(layer, mlp, inputs, none, pool), out));
}

TEST_CASE("scaling a neuron at its site is scaling its row of up") {
    small_layer layer(mlp_traits(), 1, 5);
    llama_mlp mlp;
    layer.fill(mlp);
    const auto inputs = random_floats(5 * layer.traits.hidden, 3, 2.0);
    serial alone;
    scaling tap{9, -2.0F};
    const auto tapped = outputs(layer, mlp, inputs, tap, alone);
    std::vector<float> edited(mlp.up.rows * mlp.up.columns);
    for (std::size_t r = 0; r < mlp.up.rows; ++r)
        decode_row(mlp.up, r, std::span(edited).subspan(r * mlp.up.columns, mlp.up.columns));
    for (std::size_t k = 0; k < mlp.up.columns; ++k) edited[9 * mlp.up.columns + k] *= -2.0F;
    no_tap none;
    const auto unedited = outputs(layer, mlp, inputs, none, alone);
    mlp.up = as_weights(const_matrix_view(edited.data(), mlp.up.rows, mlp.up.columns));
    CHECK(same_bits(outputs(layer, mlp, inputs, none, alone), tapped));
    CHECK_FALSE(same_bits(unedited, tapped));
}
