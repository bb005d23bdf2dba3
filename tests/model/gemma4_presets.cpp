// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Published sizes of Gemma 4: each layer's heads, window, width, keys and values, and the paper's denominators.
#include <unloop/model/gemma4_presets.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>

using namespace unloop;

namespace {

/// By the names that the paper uses.
decoder_config preset(std::string_view name) {
    const auto found = std::ranges::find(gemma4_presets, name, &gemma4_preset::name);
    REQUIRE(found != gemma4_presets.end());
    return found->config();
}

std::set<std::size_t> layers_that_see_all(const decoder_config& config) {
    std::set<std::size_t> layers;
    for (const layer_traits& layer : config.layers)
        if (layer.window == 0) layers.insert(layer.layer);
    return layers;
}

/// Layers with keys and values of their own, of one kind.
std::size_t caches(const decoder_config& config, bool sees_all) {
    return static_cast<std::size_t>(std::ranges::count_if(config.layers, [&](const layer_traits& layer) {
        return layer.owns_key_values() && (layer.window == 0) == sees_all;
    }));
}

}  // namespace

TEST_CASE("every size has its layers, widths and heads") {
    struct wanted {
        std::size_t hidden, layers, heads, window, context;
        std::size_t sliding_heads, full_heads;  // of keys and values
        std::size_t period;
        bool values_from_keys;
    };
    const std::map<std::string_view, wanted> sizes{
        {"E2B", {1536, 35, 8, 512, 131072, 1, 1, 5, false}},   {"E4B", {2560, 42, 8, 512, 131072, 2, 2, 6, false}},
        {"12B", {3840, 48, 16, 1024, 262144, 8, 1, 6, true}},  {"26B-A4B", {2816, 30, 16, 1024, 262144, 8, 2, 6, true}},
        {"31B", {5376, 60, 32, 1024, 262144, 16, 4, 6, true}},
    };
    REQUIRE(gemma4_presets.size() == sizes.size());
    for (const auto& [name, size] : sizes) {
        INFO(name);
        const decoder_config config = preset(name);
        CHECK(config.family == "gemma4");
        CHECK(config.vocabulary == 262144);
        CHECK(config.hidden == size.hidden);
        CHECK(config.context == size.context);
        CHECK(config.tied_head);
        CHECK(config.logit_cap == 30.0F);
        CHECK(config.norm_epsilon == 1e-6F);
        CHECK(config.embedding_scale == std::sqrt(static_cast<float>(size.hidden)));
        CHECK(config.rotary_tables == std::vector<rotary_spec>{{256, 1e4F, 1.0F, 128}, {512, 1e6F, 1.0F, 64}});
        REQUIRE(config.layers.size() == size.layers);
        for (std::size_t i = 0; i < size.layers; ++i) {
            INFO(i);
            const layer_traits& layer = config.layers[i];
            const bool full = i % size.period == size.period - 1;
            CHECK(layer.layer == i);
            CHECK(layer.hidden == size.hidden);
            CHECK(layer.heads == size.heads);
            CHECK(layer.window == (full ? 0 : size.window));
            CHECK(layer.head_size == (full ? 512 : 256));
            CHECK(layer.key_value_heads == (full ? size.full_heads : size.sliding_heads));
            CHECK(layer.values_from_keys == (full && size.values_from_keys));
            CHECK(layer.attention_scale == 1.0F);
            CHECK(layer.rotary_pairs == rotary_layout::halves);
            CHECK(layer.rotary_table == (full ? 1 : 0));
        }
    }
}

TEST_CASE("the last layers of E2B and E4B use keys and values of the last layer of their kind below them") {
    const decoder_config small = gemma4_e2b(), large = gemma4_e4b();
    CHECK(layers_that_see_all(small) == std::set<std::size_t>{4, 9, 14, 19, 24, 29, 34});
    CHECK(layers_that_see_all(large) == std::set<std::size_t>{5, 11, 17, 23, 29, 35, 41});
    for (const layer_traits& layer : small.layers)
        CHECK(layer.key_value_layer == (layer.layer < 15 ? layer.layer : layer.window == 0 ? 14 : 13));
    for (const layer_traits& layer : large.layers)
        CHECK(layer.key_value_layer == (layer.layer < 24 ? layer.layer : layer.window == 0 ? 23 : 22));
    CHECK(caches(small, false) == 12);
    CHECK(caches(small, true) == 3);
    CHECK(caches(large, false) == 20);
    CHECK(caches(large, true) == 4);
}

TEST_CASE("layers of E2B without keys of their own have an MLP of twice the width") {
    for (const layer_traits& layer : gemma4_e2b().layers) CHECK(layer.mlp_width == (layer.layer < 15 ? 6144 : 12288));
    for (const layer_traits& layer : gemma4_e4b().layers) CHECK(layer.mlp_width == 10240);
    for (const decoder_config& config : {gemma4_e2b(), gemma4_e4b()})
        for (const layer_traits& layer : config.layers) CHECK(layer.layer_input == 256);
    CHECK(gemma4_e2b().layer_input == 256);
    CHECK(gemma4_31b().layer_input == 0);
}

TEST_CASE("neurons and experts per model") {
    CHECK(preset("E2B").neurons() == 15 * 6144 + 20 * 12288);
    CHECK(preset("E4B").neurons() == 42 * 10240);
    CHECK(preset("12B").neurons() == 48 * 15360);
    CHECK(preset("31B").neurons() == 60 * 21504);
    const decoder_config mixture = preset("26B-A4B");
    CHECK(mixture.neurons() == 30 * 2112);
    CHECK(mixture.expert_slots() == 30 * 128);
    CHECK(mixture.expert_neurons() == 30 * 128 * 704);
    for (const layer_traits& layer : mixture.layers) CHECK(layer.experts_used == 8);
    for (const char* const dense : {"E2B", "E4B", "12B", "31B"}) CHECK(preset(dense).expert_slots() == 0);
}
