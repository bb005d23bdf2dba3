// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Checkpoints of the real sizes of Gemma 4, as they are published: headers as they would be, and holes in place of the
// weights. They open, load, and count what the family is known to have.
#include <catch2/catch_test_macros.hpp>
#include <unloop/io/load.hpp>
#include <unloop/io/open.hpp>
#include <unloop/model/gemma4_presets.hpp>

#include <filesystem>
#include <map>
#include <string>

#include "scratch_folder.hpp"

using namespace unloop;

namespace {

/// Counted from config.json by the generator of the reference, not by this library.
struct known_size {
    std::size_t tensors, parameters, neurons, expert_slots;
    std::string config;  ///< of `text_config`, what differs between the sizes
};

const std::map<std::string, known_size> sizes{
    {"E2B",
     {540, 4628569379, 337920, 0,
      R"("hidden_size": 1536, "intermediate_size": 6144, "num_hidden_layers": 35, "num_attention_heads": 8,
         "num_key_value_heads": 1, "num_global_key_value_heads": null, "attention_k_eq_v": false,
         "sliding_window": 512, "num_kv_shared_layers": 20, "use_double_wide_mlp": true,
         "hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 262144, "enable_moe_block": false,
         "max_position_embeddings": 131072)"}},
    {"E4B",
     {665, 7463013418, 430080, 0,
      R"("hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 42, "num_attention_heads": 8,
         "num_key_value_heads": 2, "num_global_key_value_heads": null, "attention_k_eq_v": false,
         "sliding_window": 512, "num_kv_shared_layers": 18, "use_double_wide_mlp": false,
         "hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 262144, "enable_moe_block": false,
         "max_position_embeddings": 131072)"}},
    {"12B",
     {666, 11907350320, 737280, 0,
      R"("hidden_size": 3840, "intermediate_size": 15360, "num_hidden_layers": 48, "num_attention_heads": 16,
         "num_key_value_heads": 8, "num_global_key_value_heads": 1, "attention_k_eq_v": true,
         "sliding_window": 1024, "num_kv_shared_layers": 0, "use_double_wide_mlp": false,
         "hidden_size_per_layer_input": 0, "enable_moe_block": false, "max_position_embeddings": 262144)"}},
    {"26B-A4B",
     {657, 25233141790, 63360, 3840,
      R"("hidden_size": 2816, "intermediate_size": 2112, "num_hidden_layers": 30, "num_attention_heads": 16,
         "num_key_value_heads": 8, "num_global_key_value_heads": 2, "attention_k_eq_v": true,
         "sliding_window": 1024, "num_kv_shared_layers": 0, "use_double_wide_mlp": false,
         "hidden_size_per_layer_input": 0, "enable_moe_block": true, "num_experts": 128, "top_k_experts": 8,
         "moe_intermediate_size": 704, "max_position_embeddings": 262144)"}},
    {"31B",
     {832, 30697345340, 1290240, 0,
      R"("hidden_size": 5376, "intermediate_size": 21504, "num_hidden_layers": 60, "num_attention_heads": 32,
         "num_key_value_heads": 16, "num_global_key_value_heads": 4, "attention_k_eq_v": true,
         "sliding_window": 1024, "num_kv_shared_layers": 0, "use_double_wide_mlp": false,
         "hidden_size_per_layer_input": 0, "enable_moe_block": false, "max_position_embeddings": 262144)"}},
};

std::string config_json(const std::string& size, const decoder_config& shape) {
    std::string kinds;
    for (const layer_traits& layer : shape.layers)
        kinds += (kinds.empty() ? "\"" : ", \"") + std::string(layer.window > 0 ? "sliding" : "full") + "_attention\"";
    return R"({"architectures": ["Gemma4ForConditionalGeneration"], "model_type": "gemma4",
        "tie_word_embeddings": true, "text_config": {"model_type": "gemma4_text", "vocab_size": 262144,
        "head_dim": 256, "global_head_dim": 512, "hidden_activation": "gelu_pytorch_tanh", "rms_norm_eps": 1e-6,
        "final_logit_softcapping": 30.0, "tie_word_embeddings": true, "attention_bias": false,
        "rope_parameters": {"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
        "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0}},
        "layer_types": [)" +
           kinds + "], " + sizes.at(size).config + "}}";
}

/// Extents of every tensor that a checkpoint of `shape` has, by its published name.
std::map<std::string, parameter_shape> tensors_of(const decoder_config& shape) {
    const hugging_face::checkpoint names(tensor_files("names", {}), shape, {});
    std::map<std::string, parameter_shape> found;
    gemma4<reference> model(shape, reference{});
    model.for_each_parameter([&](parameter_name name, parameter_shape extents, auto&) {
        const tensor_part part = locate(names, name);
        const std::string published = "model.language_model." + part.tensor.substr(std::string("model.").size());
        found[published] = {extents.rows * part.count, extents.columns};
    });
    return found;
}

/// A file whose header describes `tensors` in bfloat16 and whose data are one hole; false where that cannot be.
bool write_header(const std::string& path, const std::map<std::string, parameter_shape>& tensors) {
    std::string header = "{";
    std::uint64_t end = 0;
    for (const auto& [name, extents] : tensors) {
        const std::uint64_t bytes = 2 * static_cast<std::uint64_t>(extents.rows) * extents.columns;
        header += (end == 0 ? "\"" : ",\"") + name + R"(":{"dtype":"BF16","shape":[)" + std::to_string(extents.rows) +
                  "," + std::to_string(extents.columns) + R"(],"data_offsets":[)" + std::to_string(end) + "," +
                  std::to_string(end + bytes) + "]}";
        end += bytes;
    }
    header += "}";
    test::byte_vector bytes(8);
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, sizeof length);
    const auto text = test::bytes_of(header);
    bytes.insert(bytes.end(), text.begin(), text.end());
    test::write_file(path, bytes);
    std::error_code refused;
    std::filesystem::resize_file(path, bytes.size() + end, refused);
    return !refused;
}

}  // namespace

TEST_CASE("checkpoints of the real sizes open, load, and hold the known numbers of parameters and neurons") {
    REQUIRE(gemma4_presets.size() == sizes.size());
    for (const gemma4_preset& preset : gemma4_presets) {
        INFO(preset.name);
        const known_size& known = sizes.at(std::string(preset.name));
        const decoder_config shape = preset.config();
        const auto tensors = tensors_of(shape);
        CHECK(tensors.size() == known.tensors);
        CHECK(shape.neurons() == known.neurons);
        CHECK(shape.expert_slots() == known.expert_slots);

        const test::scratch_folder folder;
        test::write_file(folder.file("config.json"), test::bytes_of(config_json(std::string(preset.name), shape)));
        if (!write_header(folder.file("model.safetensors"), tensors))
            SKIP("this file system has no files with holes of " << 2 * known.parameters << " bytes");
        const any_checkpoint file = open(folder.path());
        std::uint64_t values = 0;
        for (const stored_tensor& tensor : file.tensors()) values += count_values(tensor.shape).value();
        CHECK(values == known.parameters);
        const auto model = load<gemma4>(file, reference{});
        CHECK(model.config().neurons() == known.neurons);
        CHECK(model.config().context == shape.context);
        CHECK(model.config().rotary_tables == shape.rotary_tables);
        for (std::size_t i = 0; i < shape.layers.size(); ++i) {
            CHECK(model.config().layers[i].window == shape.layers[i].window);
            CHECK(model.config().layers[i].head_size == shape.layers[i].head_size);
            CHECK(model.config().layers[i].key_value_heads == shape.layers[i].key_value_heads);
            CHECK(model.config().layers[i].key_value_layer == shape.layers[i].key_value_layer);
        }
    }
}
