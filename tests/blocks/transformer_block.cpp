// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A whole layer against its formula; rows do not see one another; branches can be run apart.
#include <unloop/blocks/transformer_block.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <string>  // order of sites

#include "layer_formulas.hpp"
#include "small_layer.hpp"

using namespace blocks;

namespace transformer_block_test {
namespace {

constexpr std::size_t hidden = 24;

layer_traits small_traits() {
    layer_traits traits;
    traits.hidden = hidden;
    traits.heads = 4, traits.key_value_heads = 2, traits.head_size = 6;
    traits.mlp_width = 40;
    traits.norm_epsilon = 1e-4F;
    traits.attention_scale = 0.4F;
    return traits;
}

template <class Tap>
std::vector<float> pass(small_layer& layer, const llama_layer& block, std::span<const batch_token> tokens,
                        std::vector<float> stream, Tap& tap) {
    serial alone;
    auto run = layer.run(tokens, alone, tap);
    block.forward(run, matrix_view(stream.data(), tokens.size(), hidden));
    return stream;
}

struct order_of_sites {
    std::string order;
    template <class Site>
    void operator()(Site, const tap_place&, matrix_view) {
        order += std::string(Site::name) + " ";
    }
};

/// Doubles the residual that enters, and silences both branches on demand.
struct rewriting {
    bool double_residual = false, silence_attention = false, silence_mlp = false;
    static void scale(matrix_view values, float factor) {
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (float& value : values[t]) value *= factor;
    }
    void operator()(sites::residual, const tap_place&, matrix_view values) const {
        if (double_residual) scale(values, 2);
    }
    void operator()(sites::attention_output, const tap_place&, matrix_view values) const {
        if (silence_attention) scale(values, 0);
    }
    void operator()(sites::mlp_output, const tap_place&, matrix_view values) const {
        if (silence_mlp) scale(values, 0);
    }
};

/// A residual part that adds one to the stream.
struct add_one {
    template <class Visitor>
    void for_each_parameter(const layer_traits&, Visitor&&) {}
    template <class Run>
    void apply(Run&, matrix_view stream) const {
        for (std::size_t t = 0; t < stream.rows(); ++t)
            for (float& value : stream[t]) value += 1;
    }
};

}  // namespace

TEST_CASE("a layer is x + attention(norm x), then x + mlp(norm x)") {
    const std::size_t length = 40;
    small_layer layer(small_traits(), 1, length);
    llama_layer block;
    layer.fill(block);
    const auto inputs = random_floats(length * hidden, 1);
    no_tap none;
    const auto out = pass(layer, block, tokens_of_row(0, 0, length), inputs, none);

    const sequence expected =
        layered(block, layer.traits, {rows_of(const_matrix_view(inputs.data(), length, hidden)), {}, {}});
    for (std::size_t t = 0; t < length; ++t)
        REQUIRE(difference(std::span(out).subspan(t * hidden, hidden), expected[t]) < 1e-5);
}

TEST_CASE("the result of a row does not depend on the other rows of its batch") {
    const std::size_t rows = 4, length = 11;
    small_layer layer(small_traits(), rows, length);
    llama_layer block;
    layer.fill(block);
    const auto inputs = random_floats(rows * length * hidden, 2);
    no_tap none;
    std::vector<std::vector<float>> apart;
    for (std::size_t r = 0; r < rows; ++r) {
        const auto* const first = inputs.data() + r * length * hidden;
        apart.push_back(pass(layer, block, tokens_of_row(static_cast<std::int32_t>(r), 0, length),
                             {first, first + length * hidden}, none));
    }
    // Interleaved by position, in the order 2, 0, 3, 1 of rows.
    std::vector<batch_token> tokens;
    std::vector<float> mixed;
    for (std::size_t t = 0; t < length; ++t)
        for (const std::size_t r : {2U, 0U, 3U, 1U}) {
            tokens.push_back({0, static_cast<std::int32_t>(r), static_cast<std::int32_t>(t), false});
            const auto* const from = inputs.data() + (r * length + t) * hidden;
            mixed.insert(mixed.end(), from, from + hidden);
        }
    const auto together = pass(layer, block, tokens, mixed, none);
    for (std::size_t n = 0; n < tokens.size(); ++n) {
        const auto& alone = apart[static_cast<std::size_t>(tokens[n].row)];
        const auto position = static_cast<std::size_t>(tokens[n].position);
        REQUIRE(same_bits(std::span(together).subspan(n * hidden, hidden),
                          std::span(alone).subspan(position * hidden, hidden)));
    }
}

TEST_CASE("the sites of a layer come in the order of the list") {
    small_layer layer(small_traits(), 1, 3);
    llama_layer block;
    layer.fill(block);
    order_of_sites heard;
    (void)pass(layer, block, tokens_of_row(0, 0, 3), random_floats(3 * hidden, 3), heard);
    CHECK(heard.order == "hidden attn_keys attn_queries attn_heads attn_out mlp_gate mlp_up mlp_neurons mlp_out ");
}

TEST_CASE("what a tap writes at a site is what the layer goes on with") {
    const std::size_t length = 9;
    small_layer layer(small_traits(), 1, length);
    llama_layer block;
    layer.fill(block);
    const auto inputs = random_floats(length * hidden, 4);
    const auto tokens = tokens_of_row(0, 0, length);
    no_tap none;
    rewriting doubled{.double_residual = true};
    auto twice = inputs;
    for (float& value : twice) value *= 2;
    CHECK(same_bits(pass(layer, block, tokens, inputs, doubled), pass(layer, block, tokens, twice, none)));
    rewriting silent{.silence_attention = true, .silence_mlp = true};
    CHECK(same_bits(pass(layer, block, tokens, inputs, silent), inputs));

    rewriting no_attention{.silence_attention = true};
    const auto fed = pass(layer, block, tokens, inputs, no_attention);
    serial alone;
    auto run = layer.run(tokens, alone, none);
    auto stream = inputs;
    block.feed(run, matrix_view(stream.data(), length, hidden));
    CHECK(same_bits(fed, stream));
    rewriting no_mlp{.silence_mlp = true};
    const auto attended_only = pass(layer, block, tokens, inputs, no_mlp);
    stream = inputs;
    block.attend(run, matrix_view(stream.data(), length, hidden));
    CHECK(same_bits(attended_only, stream));
}

TEST_CASE("residual parts act after both branches, in their order") {
    const std::size_t length = 4;
    small_layer layer(small_traits(), 1, length);
    transformer_block<pre_norm<unloop::rms_norm>, llama_attention, llama_mlp, add_one, add_one> longer;
    llama_layer block;
    layer.fill(longer), layer.fill(block);
    const auto inputs = random_floats(length * hidden, 5);
    const auto tokens = tokens_of_row(0, 0, length);
    no_tap none;
    serial alone;
    auto expected = pass(layer, block, tokens, inputs, none);
    for (float& value : expected) value = value + 1 + 1;
    auto run = layer.run(tokens, alone, none);
    auto stream = inputs;
    longer.forward(run, matrix_view(stream.data(), length, hidden));
    CHECK(same_bits(stream, expected));
}

}  // namespace transformer_block_test
