// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// config.json of Llama and Mixtral, keys old and new, and refusals that name the key.
#include <unloop/io/hugging_face_config_json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>

#include "io/config_document.hpp"

using namespace unloop;
using test::config_document;

TEST_CASE("a Llama with the keys of older files") {
    const decoder_config config = config_document("llama").read();
    CHECK(config.family == "llama");
    CHECK(config.hidden == 64);
    CHECK(config.vocabulary == 272);
    CHECK(config.context == 512);
    CHECK(config.norm_epsilon == 1e-5F);
    CHECK(config.tied_head);
    CHECK(config.embedding_scale == 1.0F);
    CHECK(config.logit_cap == 0.0F);
    CHECK(config.rotary_tables == std::vector<rotary_spec>{{16, 100000.0F, 1.0F, 8}});
    REQUIRE(config.layers.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const layer_traits& layer = config.layers[i];
        CHECK(layer.layer == i);
        CHECK(layer.owns_key_values());
        CHECK(layer.heads == 4);
        CHECK(layer.key_value_heads == 2);
        CHECK(layer.head_size == 16);
        CHECK(layer.mlp_width == 96);
        CHECK(layer.attention_scale == 0.25F);
        CHECK(layer.window == 0);
        CHECK(layer.rotary_pairs == rotary_layout::halves);
        CHECK(layer.norm_epsilon == 1e-5F);
    }
}

TEST_CASE("a Mixtral with the keys of transformers 5") {
    const decoder_config config = config_document("mixtral").read();
    CHECK(config.family == "mixtral");
    CHECK_FALSE(config.tied_head);
    CHECK(config.rotary_tables == std::vector<rotary_spec>{{8, 1e6F, 1.0F, 4}});
    CHECK(config.neurons() == 0);
    CHECK(config.expert_neurons() == 3 * 4 * 28);
    for (const layer_traits& layer : config.layers) {
        CHECK(layer.experts == 4);
        CHECK(layer.experts_used == 2);
        CHECK(layer.expert_width == 28);
        CHECK(layer.window == 0);
    }
    CHECK(config_document("mixtral").set("sliding_window", 5).read().layers[1].window == 5);
}

TEST_CASE("rotary angles under old and new keys") {
    const auto base = [](const config_document& document) { return document.read().rotary_tables[0].base; };
    config_document document("llama");
    document.drop("rope_theta").drop("rope_scaling");
    CHECK(base(document) == 10000.0F);
    CHECK(base(document.set("rope_theta", 5000)) == 5000.0F);
    CHECK(base(document.set("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 7000.0}})) == 7000.0F);
    document.set("rope_scaling", {{"type", "linear"}, {"factor", 2.0}});
    CHECK(base(document) == 7000.0F);  // the newer key counts
    document.drop("rope_parameters");
    CHECK(document.fault() ==
          "config.json: 'rope_scaling.type': is 'linear', only 'default' and 'proportional' are supported");
    document.set("rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}});
    CHECK(document.fault().starts_with("config.json: 'rope_scaling.rope_type': is 'llama3'"));
    document.set("rope_scaling", {{"rope_type", "proportional"}, {"partial_rotary_factor", 0.5}, {"factor", 4.0}});
    CHECK(document.read().rotary_tables == std::vector<rotary_spec>{{16, 5000.0F, 4.0F, 4}});
    document.set("rope_scaling", {{"rope_type", "default"}, {"partial_rotary_factor", 0.5}});
    CHECK(document.fault().starts_with("config.json: 'rope_scaling.partial_rotary_factor': "));
}

TEST_CASE("what may be absent has the value that transformers gives it") {
    CHECK(config_document("llama").drop("num_key_value_heads").read().layers[0].key_value_heads == 4);
    CHECK(config_document("llama").set("num_key_value_heads", nullptr).read().layers[0].key_value_heads == 4);
    CHECK(config_document("llama").set("head_dim", 32).read().layers[0].head_size == 32);
    CHECK(config_document("llama").set("head_dim", 32).read().layers[0].attention_scale == 1.0F / std::sqrt(32.0F));
    CHECK_FALSE(config_document("llama").drop("tie_word_embeddings").read().tied_head);
}

TEST_CASE("what is missing, impossible or not supported is refused by its key") {
    const auto llama = [](const char* key, boost::json::value value) {
        return config_document("llama").set(key, std::move(value)).fault();
    };
    CHECK(config_document("llama").drop("hidden_size").fault() == "config.json: 'hidden_size': is missing");
    CHECK(config_document("llama").drop("model_type").fault() == "config.json: 'model_type': is missing");
    CHECK(llama("model_type", "gpt2") ==
          "config.json: 'model_type': 'gpt2' is not a family that is known (llama, mixtral, gemma4)");
    CHECK(llama("hidden_size", "64").starts_with("config.json: 'hidden_size': must be an integer from 1"));
    CHECK(llama("hidden_size", 64.0).starts_with("config.json: 'hidden_size': must be an integer from 1"));
    CHECK(llama("num_hidden_layers", -2) == "config.json: 'num_hidden_layers': must be an integer from 1 to 100");
    CHECK(llama("num_hidden_layers", 101) == "config.json: 'num_hidden_layers': must be an integer from 1 to 100");
    CHECK(llama("intermediate_size", std::int64_t{1} << 40).starts_with("config.json: 'intermediate_size': "));
    CHECK(llama("num_key_value_heads", 0).starts_with("config.json: 'num_key_value_heads': "));
    CHECK(llama("num_key_value_heads", 3) ==
          "config.json: 'num_key_value_heads': must divide num_attention_heads, which is 4");
    CHECK(llama("head_dim", 15) == "config.json: 'head_dim': the size of a head must be even");
    CHECK(llama("num_attention_heads", 128).starts_with("config.json: 'num_attention_heads': "));
    CHECK(llama("rms_norm_eps", 0) == "config.json: 'rms_norm_eps': must be a positive number");
    CHECK(llama("rms_norm_eps", 1e300) == "config.json: 'rms_norm_eps': must be a positive number");
    CHECK(llama("rope_theta", -1.0) == "config.json: 'rope_theta': must be a positive number");
    CHECK(llama("hidden_act", "gelu") == "config.json: 'hidden_act': is 'gelu', only 'silu' is known");
    CHECK(llama("attention_bias", true) == "config.json: 'attention_bias': only false is supported");
    CHECK(llama("mlp_bias", true) == "config.json: 'mlp_bias': only false is supported");
    CHECK(llama("partial_rotary_factor", 0.5) == "config.json: 'partial_rotary_factor': only 1 is supported");
    const auto mixtral = [](const char* key, boost::json::value value) {
        return config_document("mixtral").set(key, std::move(value)).fault();
    };
    CHECK(mixtral("num_experts_per_tok", 5) == "config.json: 'num_experts_per_tok': must be an integer from 1 to 4");
    CHECK(mixtral("num_local_experts", 1 << 30).starts_with("config.json: 'num_local_experts': "));
    CHECK_THROWS_AS(hugging_face::parse_config("[]", "config.json", 10), error);
    CHECK_THROWS_AS(hugging_face::parse_config("{", "config.json", 10), error);
}
