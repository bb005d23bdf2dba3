// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Attention carries gradients back to its input and to keys and values as slopes of its formula in double say.
#include <unloop/model/gemma4.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>  // names of sites

#include "slopes.hpp"

using namespace blocks;

namespace attention_backward_test {
namespace {

constexpr std::size_t length = both_ways::length;

/// Attention of one layer, what it reads, and factors of what it puts out.
template <class Block>
struct branch {
    both_ways& pass;
    std::size_t layer;
    Block block;
    matrix_view x, factors, of_x;

    branch(both_ways& through, std::size_t of_layer, number_format format) : pass(through), layer(of_layer) {
        const std::size_t hidden = pass.layer.traits.hidden;
        pass.layer.traits.layer = layer;
        pass.layer.fill(block, format, 100 + 500 * layer);
        x = pass.random(2 * layer, hidden), factors = pass.random(2 * layer + 1, hidden);
        of_x = pass.zeros(length, hidden);
    }
    template <class Backward>
    void forward_and(const Backward& backward) const {
        const matrix_view out = pass.scratch.matrix(length, x.columns());
        pass.layer.traits.layer = layer;
        pass.go([&](auto& run) { block.forward(run, x, out); }, backward);
    }
    void there_and_back() const {
        const matrix_view gradient = pass.scratch.copy(factors);
        forward_and([&](auto& run) { block.backward(run, x, gradient, of_x); });
    }
};

/// By the input of attention and by weights of float32; names the sites.
template <class Block>
std::string check_attention(const layer_traits& traits, number_format format = number_format::f32) {
    both_ways pass(traits);
    branch<Block> of(pass, 0, format);
    of.there_and_back();
    sequence inputs = rows_of(of.x);
    const auto value = [&](moved_value& at) { return product_sum(of.factors, attended(of.block, traits, inputs, at)); };
    CHECK(is_gradient(of.of_x, inputs, value));
    if (format == number_format::f32) CHECK(matrices_without_gradients(pass, of.block, value).empty());
    return sites_with_gradients(pass.kept, value);
}

}  // namespace

TEST_CASE("gradients of turned heads are slopes, in both layouts") {
    layer_traits traits = traits_for();
    for (const auto layout : {rotary_layout::halves, rotary_layout::interleaved}) {
        traits.rotary_pairs = layout;
        both_ways pass(traits);
        const matrix_view factors = pass.random(2, traits.query_width()), gradient = pass.scratch.copy(factors);
        pass.go(stays, [&](auto& run) {
            for (std::size_t t = 0; t < length; ++t) rotary::turn_back(run, t, gradient[t]);
        });
        sequence inputs = rows_of(pass.random(1, traits.query_width()));
        CHECK(is_gradient(gradient, inputs, [&](moved_value&) {
            sequence turned = inputs;
            for (std::size_t t = 0; t < length; ++t) turn(traits, t, turned[t]);
            return product_sum(factors, turned);
        }));
    }
}

TEST_CASE("gradients of attention are slopes, with windows, in both layouts, with norms over heads and with K=V") {
    for (const std::size_t window : {0U, 1U, 3U})
        for (const auto layout : {rotary_layout::halves, rotary_layout::interleaved}) {
            INFO("window " << window);
            layer_traits traits = traits_for();
            traits.window = window, traits.rotary_pairs = layout;
            CHECK(check_attention<llama_attention>(traits) == "attn_heads ");
            CHECK(check_attention<normed_attention>(traits) == "attn_heads ");
            traits.values_from_keys = true;
            CHECK(check_attention<normed_attention>(traits) == "attn_heads ");
        }
    CHECK(check_attention<llama_attention>(traits_for(number_format::q8_0), number_format::q8_0) == "attn_heads ");
    CHECK(check_attention<gemma4_attention>(traits_for(number_format::q8_0), number_format::q8_0) == "attn_heads ");
}

TEST_CASE("keys and values shared from a layer below have slopes as gradients, and so has what that layer read") {
    for (const bool values_from_keys : {false, true}) {
        layer_traits traits = traits_for();
        traits.values_from_keys = values_from_keys, traits.window = 3;
        both_ways pass(traits);
        const branch<gemma4_attention> below(pass, 0, number_format::f32), above(pass, 1, number_format::f32);
        below.forward_and(stays);
        above.there_and_back();
        sequence lower = rows_of(below.x), inputs = rows_of(above.x);
        projections shared = keys_and_values_of(below.block.key_values, traits, lower);
        const auto value = [&](moved_value& at) {
            return product_sum(above.factors, attended_to(shared, above.block.heads, traits, inputs, at));
        };
        const std::size_t width = traits.key_value_width();
        const matrix_view of_keys = pass.zeros(length, width), of_values = pass.zeros(length, width);
        for (std::size_t t = 0; t < length; ++t) pass.of_cache.load(1, t, of_keys[t], of_values[t]);
        CHECK(is_gradient(of_keys, shared.keys, value));
        CHECK(is_gradient(of_values, shared.values, value));
        CHECK(is_gradient(above.of_x, inputs, value));
        CHECK(sites_with_gradients(pass.kept, value) == "attn_heads ");

        below.there_and_back();  // to which it adds what came from above
        CHECK(is_gradient(below.of_x, lower, [&](moved_value& at) {
            shared = keys_and_values_of(below.block.key_values, traits, lower);
            return value(at) + product_sum(below.factors, attended(below.block, traits, lower, at));
        }));
    }
}

}  // namespace attention_backward_test
