// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What follows from a Gemma 4 model's sizes, and which sizes make no model.
#include <unloop/model/gemma4_config.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace unloop;

namespace {

/// `kinds` has an s for a layer with a window and an f for one that sees all.
gemma4_shape shape_of(const std::string& kinds, std::size_t sharing) {
    gemma4_shape shape;
    shape.vocabulary = 100, shape.hidden = 64, shape.context = 512;
    shape.heads = 4, shape.window = 8, shape.sharing_layers = sharing;
    std::vector<bool> sees_all;
    for (const char kind : kinds) sees_all.push_back(kind == 'f');
    shape.layers = gemma4_layers(sees_all, {false, false, 16, 8, 2, 32}, {true, true, 32, 4, 1, 32});
    return shape;
}

std::vector<std::size_t> owners(const std::string& kinds, std::size_t sharing) {
    std::vector<std::size_t> layers;
    for (const layer_traits& layer : gemma4_config(shape_of(kinds, sharing)).layers)
        layers.push_back(layer.key_value_layer);
    return layers;
}

}  // namespace

TEST_CASE("a layer that shares uses the last one of its kind below all that share, not the one before it") {
    CHECK(owners("sfsfssf", 3) == std::vector<std::size_t>{0, 1, 2, 3, 2, 2, 3});
    CHECK(owners("fssssf", 2) == std::vector<std::size_t>{0, 1, 2, 3, 3, 0});
    CHECK(owners("sff", 0) == std::vector<std::size_t>{0, 1, 2});
    CHECK(fault_in(shape_of("ssf", 1)) == "layer 2: shares keys and values, and no layer of its kind has any");
    CHECK(fault_in(shape_of("ssf", 3)) == "no layer has keys and values of its own");
}

TEST_CASE("values are keys in layers that see all and have keys of their own") {
    const decoder_config config = gemma4_config(shape_of("sfsf", 2));
    CHECK_FALSE(config.layers[0].values_from_keys);
    CHECK(config.layers[1].values_from_keys);
    CHECK_FALSE(config.layers[3].values_from_keys);
}

TEST_CASE("doubled widths follow sharing") {
    gemma4_shape shape = shape_of("sfsf", 2);
    widen_sharing_layers(shape);
    const decoder_config config = gemma4_config(shape);
    CHECK(config.layers[1].mlp_width == 32);
    CHECK(config.layers[2].mlp_width == 64);
    CHECK(config.layers[3].mlp_width == 64);
    CHECK(config.neurons() == 192);
}

TEST_CASE("layers with equal angles use one table") {
    gemma4_shape shape = shape_of("sfsfsf", 0);
    CHECK(gemma4_config(shape).rotary_tables == std::vector<rotary_spec>{{16, 1e4F, 1.0F, 8}, {32, 1e6F, 1.0F, 4}});
    shape.layers[3].head_size = 64, shape.layers[3].live_pairs = 8;
    const decoder_config config = gemma4_config(shape);
    CHECK(config.rotary_tables.size() == 3);
    CHECK(config.layers[3].rotary_table == 2);
    CHECK(config.layers[5].rotary_table == 1);
}

TEST_CASE("the share of pairs that rotate is rounded down") {
    CHECK(proportional_pairs(512, 0.25) == 64);
    CHECK(proportional_pairs(20, 0.25) == 2);
    CHECK(proportional_pairs(24, 0.25) == 3);
    CHECK(proportional_pairs(16, 1) == 8);
}

TEST_CASE("experts are in every layer or in none") {
    gemma4_shape shape = shape_of("sf", 0);
    shape.expert_width = 5;  // as a file without experts may say
    CHECK(gemma4_config(shape).layers[0].expert_width == 0);
    shape.experts = 6, shape.experts_used = 2;
    CHECK(gemma4_config(shape).expert_neurons() == 2 * 6 * 5);
    shape.experts_used = 7;
    CHECK(fault_in(shape) == "a token uses more experts than there are");
}

TEST_CASE("heads that do not fit are a fault with the layer's number") {
    gemma4_shape shape = shape_of("sfsf", 1);
    shape.layers[2].key_value_heads = 3;
    CHECK(fault_in(shape) == "layer 2: 3 key/value heads do not divide 4 query heads");
    shape = shape_of("sfsf", 1);
    shape.layers[0].head_size = 15;
    CHECK(fault_in(shape) == "layer 0: the head size must be even");
    shape = shape_of("sfsf", 1);
    shape.layers[3].key_value_heads = 2;
    CHECK(fault_in(shape) == "layer 3: shares the keys and values of layer 1, which has other heads");
    shape.layers.clear();
    CHECK(fault_in(shape) == "there are no layers");
    CHECK(fault_in(shape_of("sfsf", 1)).empty());
}
