// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Where parameters lie in a checkpoint of transformers, and which tensors nothing reads.
#include <unloop/io/hugging_face.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/kernels.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/gemma4_presets.hpp>

#include <algorithm>
#include <map>

#include "scratch_folder.hpp"

using namespace unloop;
using role = parameter_role;

namespace {

hugging_face::checkpoint model(const std::string& name) { return hugging_face::open(test::golden("models/" + name)); }

struct place {
    parameter_name parameter;
    std::string tensor;
    std::size_t index = 0, count = 1;
};

void check(const std::string& name, const std::vector<place>& places) {
    const auto file = model(name);
    for (const place& wanted : places) {
        INFO(name << " " << wanted.tensor);
        const tensor_part found = locate(file, wanted.parameter);
        CHECK(found.tensor == wanted.tensor);
        CHECK(found.index == wanted.index);
        CHECK(found.count == wanted.count);
        if (!file.config().tied_head || wanted.parameter.role != role::head) CHECK(file.find(found.tensor) != nullptr);
    }
}

std::size_t foreign_tensors(const hugging_face::checkpoint& file) {
    return static_cast<std::size_t>(
        std::ranges::count_if(file.tensors(), [&](const stored_tensor& tensor) { return is_foreign(file, tensor); }));
}

}  // namespace

TEST_CASE("names of each family and prefix") {
    check("llama", {{{-1, role::embedding}, "model.embed_tokens.weight"},
                    {{2, role::attention_norm}, "model.layers.2.input_layernorm.weight"},
                    {{2, role::feed_forward_norm}, "model.layers.2.post_attention_layernorm.weight"},
                    {{0, role::key}, "model.layers.0.self_attn.k_proj.weight"},
                    {{-1, role::final_norm}, "model.norm.weight"},
                    {{-1, role::head}, "lm_head.weight"}});
    check("mixtral", {{{1, role::router}, "model.layers.1.block_sparse_moe.gate.weight"},
                      {{1, role::expert_gate, 3}, "model.layers.1.block_sparse_moe.experts.3.w1.weight"},
                      {{1, role::expert_up, 0}, "model.layers.1.block_sparse_moe.experts.0.w3.weight"},
                      {{1, role::expert_down, 2}, "model.layers.1.block_sparse_moe.experts.2.w2.weight"},
                      {{-1, role::head}, "lm_head.weight"}});
    check("moe", {{{3, role::attention_output_norm}, "model.layers.3.post_attention_layernorm.weight"},
                  {{3, role::feed_forward_norm}, "model.layers.3.pre_feedforward_layernorm.weight"},
                  {{0, role::expert_norm}, "model.layers.0.pre_feedforward_layernorm_2.weight"},
                  {{0, role::dense_output_norm}, "model.layers.0.post_feedforward_layernorm_1.weight"},
                  {{0, role::expert_output_norm}, "model.layers.0.post_feedforward_layernorm_2.weight"},
                  {{0, role::router_scale}, "model.layers.0.router.scale"},
                  {{0, role::expert_scale}, "model.layers.0.router.per_expert_scale"},
                  {{2, role::layer_scale}, "model.layers.2.layer_scalar"},
                  {{2, role::expert_gate, 0}, "model.layers.2.experts.gate_up_proj", 0, 16},
                  {{2, role::expert_up, 0}, "model.layers.2.experts.gate_up_proj", 1, 16},
                  {{2, role::expert_gate, 7}, "model.layers.2.experts.gate_up_proj", 14, 16},
                  {{2, role::expert_up, 7}, "model.layers.2.experts.gate_up_proj", 15, 16},
                  {{2, role::expert_down, 5}, "model.layers.2.experts.down_proj", 5, 8}});
    check("unified", {{{-1, role::embedding}, "model.language_model.embed_tokens.weight"},
                      {{4, role::query_norm}, "model.language_model.layers.4.self_attn.q_norm.weight"},
                      {{-1, role::final_norm}, "model.language_model.norm.weight"}});
    check("e_like_hub",
          {{{-1, role::layer_input_embedding}, "model.language_model.embed_tokens_per_layer.weight"},
           {{-1, role::layer_input_projection}, "model.language_model.per_layer_model_projection.weight"},
           {{-1, role::layer_input_norm}, "model.language_model.per_layer_projection_norm.weight"},
           {{6, role::layer_gate}, "model.language_model.layers.6.per_layer_input_gate.weight"},
           {{6, role::layer_projection}, "model.language_model.layers.6.per_layer_projection.weight"},
           {{6, role::layer_output_norm}, "model.language_model.layers.6.post_per_layer_input_norm.weight"}});
}

TEST_CASE("parts of a stack of experts are the rows that belong to each") {
    const auto file = model("moe");
    const weight_view stack = file.weights("model.layers.1.experts.gate_up_proj");  // [8, 2 * 20, 40]
    REQUIRE(stack.rows == 8 * 40);
    const weight_view up = slice(stack, locate(file, {1, role::expert_up, 3}));
    CHECK(up.rows == 20);
    CHECK(up.row(0).data() == stack.row(3 * 40 + 20).data());
    const weight_view down =
        slice(file.weights("model.layers.1.experts.down_proj"), locate(file, {1, role::expert_down, 3}));
    CHECK(down.rows == 40);
    CHECK(down.columns == 20);
}

TEST_CASE("vision, audio and unused keys and values are foreign, and nothing else") {
    const auto hub = model("e_like_hub");
    CHECK(foreign_tensors(hub) == 86 + 9);  // by the manifest of the golden model
    for (const char* const name : {"self_attn.k_proj.weight", "self_attn.v_proj.weight", "self_attn.k_norm.weight"}) {
        const std::string layers = "model.language_model.layers.";
        CHECK(is_foreign(hub, hub.at(layers + "4." + name)));
        CHECK(is_foreign(hub, hub.at(layers + "6." + name)));
        CHECK_FALSE(is_foreign(hub, hub.at(layers + "3." + name)));
    }
    CHECK_FALSE(is_foreign(hub, hub.at("model.language_model.layers.4.self_attn.q_proj.weight")));
    for (const char* const name : {"llama", "mixtral", "dense", "moe", "e_like"})
        CHECK(foreign_tensors(model(name)) == 0);
    CHECK(foreign_tensors(model("unified")) > 0);

    stored_tensor other;
    other.name = "model.vision_tower.layers.0.weight";
    CHECK(is_foreign(hub, other));
    CHECK_FALSE(is_foreign(model("e_like"), other));  // a text model has no such part
    other.name = "model.layers.0.self_attn.rotary_emb.inv_freq";
    CHECK(is_foreign(model("llama"), other));
}

TEST_CASE("the text model of every published size has as many tensors as its checkpoint") {
    // Counted on transformers' own classes, without the keys and values that nothing reads.
    const std::map<std::string_view, std::size_t> counts{
        {"E2B", 540}, {"E4B", 665}, {"12B", 666}, {"26B-A4B", 657}, {"31B", 832}};
    for (const gemma4_preset& size : gemma4_presets) {
        INFO(size.name);
        const hugging_face::checkpoint file(tensor_files("none", {}), size.config(), {});
        std::map<std::string, std::size_t> values;  // of each tensor
        gemma4<reference> decoder(file.config(), {});
        decoder.for_each_parameter([&](parameter_name parameter, parameter_shape shape, auto&) {
            values[locate(file, parameter).tensor] += shape.rows * shape.columns;
        });
        CHECK(values.size() == counts.at(size.name));
        if (size.name == "26B-A4B") {
            CHECK(values.at("model.layers.29.experts.gate_up_proj") == std::size_t{128} * 2 * 704 * 2816);
            CHECK(values.at("model.layers.29.experts.down_proj") == std::size_t{128} * 2816 * 704);
        }
        if (size.name == "E2B") {
            CHECK(values.at("model.embed_tokens_per_layer.weight") == std::size_t{262144} * 8960);
            CHECK(file.is_unused("model.layers.15.self_attn.k_proj.weight"));
            CHECK_FALSE(file.is_unused("model.layers.14.self_attn.k_proj.weight"));
        }
    }
}
