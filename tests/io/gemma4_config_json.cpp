// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// config.json of Gemma 4: the published layout and that of transformers 5 mean the same, and what is absent has a rule.
#include <unloop/io/gemma4_config_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/model/gemma4_presets.hpp>

#include "io/config_document.hpp"

using namespace unloop;
using test::config_document;

namespace {

std::vector<std::size_t> head_sizes(const decoder_config& config) {
    std::vector<std::size_t> sizes;
    for (const layer_traits& layer : config.layers) sizes.push_back(layer.head_size);
    return sizes;
}
std::vector<std::size_t> key_value_heads(const decoder_config& config) {
    std::vector<std::size_t> heads;
    for (const layer_traits& layer : config.layers) heads.push_back(layer.key_value_heads);
    return heads;
}

/// A published file: the 31B model's values, as its page lists them.
boost::json::object published_31b() {
    return {{"model_type", "gemma4"},
            {"tie_word_embeddings", true},
            {"text_config",
             {{"model_type", "gemma4_text"},
              {"vocab_size", 262144},
              {"hidden_size", 5376},
              {"intermediate_size", 21504},
              {"num_hidden_layers", 60},
              {"num_attention_heads", 32},
              {"num_key_value_heads", 16},
              {"num_global_key_value_heads", 4},
              {"attention_k_eq_v", true},
              {"sliding_window", 1024},
              {"hidden_size_per_layer_input", 0},
              {"max_position_embeddings", 262144},
              {"final_logit_softcapping", 30.0},
              {"use_bidirectional_attention", "vision"}}}};
}

}  // namespace

TEST_CASE("both layouts of one model give the same layers") {
    const decoder_config saved = config_document("e_like").read(), published = config_document("e_like_hub").read();
    CHECK(saved.family == "gemma4");
    CHECK(published.family == "gemma4");
    CHECK(head_sizes(saved) == std::vector<std::size_t>{16, 32, 16, 32, 16, 16, 32});
    CHECK(head_sizes(published) == head_sizes(saved));
    CHECK(key_value_heads(published) == key_value_heads(saved));
    CHECK(published.rotary_tables == saved.rotary_tables);
    CHECK(saved.rotary_tables == std::vector<rotary_spec>{{16, 1e4F, 1.0F, 8}, {32, 1e6F, 1.0F, 4}});
    for (const decoder_config& config : {saved, published}) {
        CHECK(config.tied_head);
        CHECK(config.layer_input == 12);
        CHECK(config.layers[6].layer_input == 12);
        CHECK(config.logit_cap == 30.0F);
        CHECK(config.layers[3].mlp_width == 64);
        CHECK(config.layers[4].mlp_width == 128);
        CHECK(config.layers[4].key_value_layer == 2);
        CHECK(config.layers[6].key_value_layer == 3);
        CHECK(config.layers[0].window == 8);
        CHECK(config.layers[1].window == 0);
    }
}

TEST_CASE("the unified model has no per-layer input, whatever is absent") {
    const decoder_config config = config_document("unified").read();
    CHECK(config.layer_input == 0);
    CHECK(head_sizes(config) == std::vector<std::size_t>{12, 12, 12, 12, 24});
    CHECK(key_value_heads(config) == std::vector<std::size_t>{2, 2, 2, 2, 1});
    CHECK(config.layers[4].values_from_keys);
    config_document alone("unified");
    boost::json::object text = alone.text();
    alone.top() = text;
    CHECK(alone.top().at("model_type").as_string() == "gemma4_unified_text");
    CHECK(head_sizes(alone.read()) == head_sizes(config));
}

TEST_CASE("experts beside the dense MLP") {
    const decoder_config config = config_document("moe").read();
    for (const layer_traits& layer : config.layers) {
        CHECK(layer.mlp_width == 48);
        CHECK(layer.experts == 8);
        CHECK(layer.experts_used == 2);
        CHECK(layer.expert_width == 20);
    }
    const auto renamed =
        config_document("moe").set("moe_intermediate_size", nullptr).set("expert_intermediate_size", 7);
    CHECK(renamed.read().layers[0].expert_width == 7);
    CHECK(config_document("moe").set("enable_moe_block", false).read().expert_slots() == 0);
}

TEST_CASE("heads of full layers: a table of overrides, keys of their own, or the rule for neither") {
    // An override that equals the value at the top is left out, so a layer without an entry uses that value.
    const auto overridden = [](boost::json::object table) {
        return config_document("dense").set("per_layer_config", std::move(table)).read();
    };
    CHECK(head_sizes(overridden({})) == std::vector<std::size_t>{12, 12, 12, 12, 12});
    CHECK(key_value_heads(overridden({})) == std::vector<std::size_t>{3, 3, 3, 3, 3});
    CHECK(head_sizes(overridden({{"4", {{"head_dim", 20}}}})) == std::vector<std::size_t>{12, 12, 12, 12, 20});
    CHECK(key_value_heads(overridden({{"2", {{"num_key_value_heads", 2}}}})) ==
          std::vector<std::size_t>{3, 3, 2, 3, 3});

    config_document plain("dense");
    plain.drop("per_layer_config");
    CHECK(head_sizes(plain.read()) == std::vector<std::size_t>{12, 12, 512, 12, 512});
    CHECK(key_value_heads(plain.read()) == std::vector<std::size_t>{3, 3, 3, 3, 3});
    plain.set("global_head_dim", 20).set("num_global_key_value_heads", 2);
    CHECK(head_sizes(plain.read()) == std::vector<std::size_t>{12, 12, 20, 12, 20});
    CHECK(key_value_heads(plain.read()) == std::vector<std::size_t>{3, 3, 2, 3, 2});
    plain.set("attention_k_eq_v", false);  // without it the number of global heads has no meaning
    CHECK(key_value_heads(plain.read()) == std::vector<std::size_t>{3, 3, 3, 3, 3});
    CHECK_FALSE(plain.read().layers[2].values_from_keys);
}

TEST_CASE("which layers see all: the list, every sixth without it, and the last one always") {
    config_document document("dense");
    document.drop("per_layer_config").set("num_hidden_layers", 8);
    CHECK(document.fault() == "config.json: 'layer_types': has 5 entries, the model 8 layers");
    document.drop("layer_types");
    CHECK(head_sizes(document.read()) == std::vector<std::size_t>{12, 12, 12, 12, 12, 512, 12, 512});
    config_document listed("dense");
    listed.text().at("layer_types").as_array()[4] = "sliding_attention";
    CHECK(listed.read().layers[4].window == 0);
}

TEST_CASE("a published file is the preset of its size") {
    const decoder_config read =
        hugging_face::parse_config(boost::json::serialize(published_31b()), "config.json", 1000);
    const decoder_config preset = gemma4_31b();
    CHECK(read.rotary_tables == preset.rotary_tables);
    CHECK(read.embedding_scale == preset.embedding_scale);
    CHECK(read.context == preset.context);
    REQUIRE(read.layers.size() == preset.layers.size());
    for (std::size_t i = 0; i < read.layers.size(); ++i) {
        CHECK(read.layers[i].head_size == preset.layers[i].head_size);
        CHECK(read.layers[i].key_value_heads == preset.layers[i].key_value_heads);
        CHECK(read.layers[i].values_from_keys == preset.layers[i].values_from_keys);
        CHECK(read.layers[i].window == preset.layers[i].window);
        CHECK(read.layers[i].mlp_width == preset.layers[i].mlp_width);
    }
}

TEST_CASE("what is impossible or not supported in a Gemma is refused by its key") {
    const auto nested = [](const char* key, boost::json::value value) {
        return config_document("e_like_hub").set(key, std::move(value)).fault();
    };
    CHECK(nested("hidden_size", 0).starts_with("config.json: 'text_config.hidden_size': "));
    CHECK(nested("attention_bias", true) == "config.json: 'text_config.attention_bias': only false is supported");
    CHECK(nested("hidden_activation", "gelu") ==
          "config.json: 'text_config.hidden_activation': is 'gelu', only 'gelu_pytorch_tanh' is known");
    CHECK(nested("use_bidirectional_attention", "all") ==
          "config.json: 'text_config.use_bidirectional_attention': is 'all', only 'vision' is known");
    CHECK(nested("model_type", "gemma3_text").starts_with("config.json: 'text_config.model_type': "));
    CHECK(nested("num_kv_shared_layers", 7) ==
          "config.json: 'text_config.num_kv_shared_layers': must be less than the number of layers");
    CHECK(nested("num_kv_shared_layers", 6) ==
          "config.json: 'text_config': layer 1: shares keys and values, and no layer of its kind has any");
    CHECK(nested("num_key_value_heads", 3) ==
          "config.json: 'text_config': layer 0: 3 key/value heads do not divide 4 query heads");
    CHECK(nested("vocab_size_per_layer_input", 100) ==
          "config.json: 'text_config.vocab_size_per_layer_input': must equal vocab_size");
    CHECK(nested("layer_types", {"full", "full"}).starts_with("config.json: 'text_config.layer_types': has 2 entries"));
    CHECK(nested("rope_parameters", {{"sliding_attention", {{"rope_type", "yarn"}}}, {"full_attention", {}}}) ==
          "config.json: 'text_config.rope_parameters.sliding_attention.rope_type': is 'yarn', only 'default' and "
          "'proportional' are supported");
    config_document bare("e_like_hub");
    bare.top().erase("text_config");
    CHECK(bare.fault() == "config.json: 'text_config': is missing");
    const auto table = [](boost::json::object entry) {
        return config_document("dense").set("per_layer_config", {{"2", std::move(entry)}}).fault();
    };
    CHECK(table({{"head_dim", 0}}).starts_with("config.json: 'per_layer_config.2.head_dim': "));
    CHECK(table({{"intermediate_size", 9}}) ==
          "config.json: 'per_layer_config.2.intermediate_size': is not a key that is known");
    CHECK(config_document("dense").set("per_layer_config", {{"9", {{"head_dim", 8}}}}).fault() ==
          "config.json: 'per_layer_config.9': is not a key that is known");
    CHECK(config_document("moe").set("top_k_experts", 9).fault() ==
          "config.json: 'top_k_experts': must be an integer from 1 to 8");
    CHECK(config_document("moe").set("num_experts", 1 << 23).fault().starts_with("config.json: 'num_experts': "));
}
