// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Attention against its definition in double precision, O(T^2): heads, windows, layouts, chunks, batches, threads.
#include <unloop/blocks/attention.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "small_layer.hpp"

using namespace blocks;

namespace {

struct shape {
    std::size_t heads, key_value_heads, head_size, window, length;
    rotary_layout layout;
};

layer_traits traits_of(const shape& wanted) {
    layer_traits traits;
    traits.hidden = 24;
    traits.heads = wanted.heads, traits.key_value_heads = wanted.key_value_heads, traits.head_size = wanted.head_size;
    traits.mlp_width = 1;
    traits.norm_epsilon = 1e-5F;
    traits.attention_scale = 1.0F / std::sqrt(static_cast<float>(wanted.head_size));
    traits.window = wanted.window;
    traits.rotary_pairs = wanted.layout;
    return traits;
}

/// Outputs of one row in chunks of `chunk` tokens, [T, hidden].
template <class Block, class Executor>
std::vector<float> in_chunks(small_layer& layer, const Block& block, const std::vector<float>& inputs,
                             std::size_t chunk, Executor& executor) {
    const std::size_t hidden = layer.traits.hidden, length = inputs.size() / hidden;
    std::vector<float> out(inputs.size());
    no_tap none;
    for (std::size_t first = 0; first < length; first += chunk) {
        const std::size_t count = std::min(chunk, length - first);
        const auto tokens = tokens_of_row(1, first, count);
        auto run = layer.run(tokens, executor, none);
        block.forward(run, const_matrix_view(inputs.data() + first * hidden, count, hidden),
                      matrix_view(out.data() + first * hidden, count, hidden));
    }
    return out;
}

/// The definition, and the same bits in chunks of any size on any number of threads.
template <class Block>
void check(const layer_traits& traits, std::size_t length) {
    small_layer layer(traits, 2, length);
    Block block;
    layer.fill(block);
    const std::size_t hidden = layer.traits.hidden;
    const auto inputs = random_floats(length * hidden, 1, 2.0);
    const auto expected = attended(block, layer.traits, rows_of(const_matrix_view(inputs.data(), length, hidden)));

    serial alone;
    const auto whole = in_chunks(layer, block, inputs, length, alone);
    for (std::size_t t = 0; t < length; ++t)
        REQUIRE(difference(std::span(whole).subspan(t * hidden, hidden), expected[t]) < 2e-5);
    for (const std::size_t chunk : {1U, 2U, 13U, 63U, 64U, 65U}) {
        thread_pool pool(3);
        REQUIRE(same_bits(in_chunks(layer, block, inputs, chunk, alone), whole));
        REQUIRE(same_bits(in_chunks(layer, block, inputs, chunk, pool), whole));
    }
}

}  // namespace

TEST_CASE("attention is its definition, and has the same bits in chunks of any size on any number of threads") {
    const shape shapes[] = {
        {4, 4, 6, 0, 70, rotary_layout::halves},          {4, 2, 6, 0, 70, rotary_layout::interleaved},
        {6, 1, 4, 0, 33, rotary_layout::halves},          {20, 2, 2, 0, 20, rotary_layout::interleaved},
        {4, 2, 6, 1, 20, rotary_layout::halves},          {4, 2, 6, 7, 70, rotary_layout::interleaved},
        {4, 2, 6, 64, 140, rotary_layout::halves},        {2, 1, 8, 65, 140, rotary_layout::interleaved},
        {1, 1, 2, 1000, 130, rotary_layout::interleaved},
    };
    for (const shape& wanted : shapes) {
        INFO(wanted.heads << " heads, " << wanted.key_value_heads << " of keys, window " << wanted.window);
        check<llama_attention>(traits_of(wanted), wanted.length);
    }
}

TEST_CASE("with norms over every head, and with keys as values, attention is its definition too") {
    for (const shape& wanted : {shape{4, 2, 6, 0, 70, rotary_layout::halves},
                                {20, 2, 4, 7, 70, rotary_layout::halves},
                                {2, 1, 8, 65, 140, rotary_layout::interleaved}})
        for (const bool values_from_keys : {false, true}) {
            INFO(wanted.heads << " heads, window " << wanted.window << ", K=V " << values_from_keys);
            layer_traits traits = traits_of(wanted);
            traits.values_from_keys = values_from_keys, traits.norm_epsilon = 1e-2F, traits.attention_scale = 1;
            check<normed_attention>(traits, wanted.length);
        }
}

TEST_CASE("a window's keys may lie in a ring: tiles are anchored at absolute positions and never wrap") {
    const shape wanted{4, 2, 6, key_tile, 300, rotary_layout::halves};
    small_layer layer(traits_of(wanted), 2, wanted.length);
    llama_attention block;
    layer.fill(block);
    const auto inputs = random_floats(wanted.length * layer.traits.hidden, 3, 2.0);
    serial alone;
    const auto whole = in_chunks(layer, block, inputs, wanted.length, alone);
    layer.cache.capacity = 2 * key_tile;
    for (const std::size_t chunk : {1U, 13U, 64U})
        CHECK(same_bits(in_chunks(layer, block, inputs, chunk, alone), whole));
}

TEST_CASE("large scores do not overflow: the softmax is computed from the largest score of every tile up") {
    shape wanted{2, 1, 4, 0, 150, rotary_layout::halves};
    small_layer layer(traits_of(wanted), 2, wanted.length);
    layer.traits.attention_scale = 40.0F;
    llama_attention block;
    layer.fill(block);
    const auto inputs = random_floats(wanted.length * 24, 2, 3.0);
    serial alone;
    const auto out = in_chunks(layer, block, inputs, wanted.length, alone);
    for (float value : out) REQUIRE(std::isfinite(value));
}

TEST_CASE("the mask begins where the window does") {
    layer_traits all, window;
    window.window = 4;
    for (std::size_t position = 0; position < 20; ++position) {
        CHECK(causal::first_visible(all, position) == 0);
        std::size_t seen = 0;
        for (std::size_t s = causal::first_visible(window, position); s <= position; ++s) ++seen;
        CHECK(seen == std::min<std::size_t>(position + 1, 4));
    }
}

TEST_CASE("norms over heads bring parameters as wide as a head; keys as values leave one out") {
    layer_traits traits = traits_of({4, 2, 6, 0, 1, rotary_layout::halves});
    using enum parameter_role;
    for (const bool values_from_keys : {false, true}) {
        traits.values_from_keys = values_from_keys;
        normed_attention block;
        std::vector<std::pair<parameter_role, parameter_shape>> seen, expected{{query, {24, 24}},
                                                                               {attention_output, {24, 24}},
                                                                               {query_norm, {1, 6}},
                                                                               {key, {12, 24}},
                                                                               {key_norm, {1, 6}}};
        if (!values_from_keys) expected.push_back({value, {12, 24}});
        block.for_each_parameter(
            traits, [&](parameter_role role, parameter_shape size, auto&) { seen.emplace_back(role, size); });
        CHECK(seen == expected);
    }
}

TEST_CASE("parameters have the roles and shapes that a file is checked against") {
    const layer_traits traits = traits_of({4, 2, 6, 0, 1, rotary_layout::halves});
    llama_attention block;
    std::vector<std::pair<parameter_role, parameter_shape>> seen;
    block.for_each_parameter(traits,
                             [&](parameter_role role, parameter_shape size, auto&) { seen.emplace_back(role, size); });
    using enum parameter_role;
    CHECK(seen == std::vector<std::pair<parameter_role, parameter_shape>>{
                      {query, {24, 24}}, {attention_output, {24, 24}}, {key, {12, 24}}, {value, {12, 24}}});
}
