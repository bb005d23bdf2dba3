// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Writes a checkpoint of a real size of Gemma 4 with random weights in bfloat16, as transformers would save it: what
// speed is measured with where the real weights are not at hand. Tables that are only looked up stay holes in the file.
#include <unloop/core/random.hpp>
#include <unloop/io/atomic_file.hpp>
#include <unloop/io/hugging_face.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/gemma4_presets.hpp>
#include <unloop/tensor/bfloat16.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

using namespace unloop;

namespace {

struct published_tensor {
    parameter_shape extents;
    bool is_vector = false;  ///< norms and scales: about 1
    bool is_hole = false;    ///< not written: tables of which a step reads single rows
};

/// By published name, sorted.
std::map<std::string, published_tensor> tensors_of(const decoder_config& shape) {
    const hugging_face::checkpoint names(tensor_files("names", {}), shape, {});
    std::map<std::string, published_tensor> found;
    gemma4<reference> model(shape, reference{});
    model.for_each_parameter([&](parameter_name name, parameter_shape extents, auto&) {
        const tensor_part part = locate(names, name);
        found["model.language_model." + part.tensor.substr(std::string("model.").size())] = {
            {extents.rows * part.count, extents.columns},
            extents.rows == 1,
            name.role == parameter_role::layer_input_embedding};
    });
    return found;
}

std::string config_json(const decoder_config& shape) {
    const layer_traits &sliding = shape.layers.front(), &full = shape.layers.back();
    std::string kinds;
    std::size_t sharing = 0;
    bool values_from_keys = false;
    for (const layer_traits& layer : shape.layers) {
        kinds += (kinds.empty() ? "\"" : ", \"") + std::string(layer.window > 0 ? "sliding" : "full") + "_attention\"";
        sharing += layer.owns_key_values() ? 0 : 1;
        values_from_keys = values_from_keys || layer.values_from_keys;
    }
    const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
    const auto entry = [](const char* key, std::size_t value) {
        return std::string(", \"") + key + "\": " + std::to_string(value);
    };
    std::string text = R"({"model_type": "gemma4", "tie_word_embeddings": true, "text_config": {
"model_type": "gemma4_text", "tie_word_embeddings": true, "hidden_activation": "gelu_pytorch_tanh",
"rms_norm_eps": 1e-6, "final_logit_softcapping": 30.0, "attention_bias": false, "rope_parameters": {
"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}, "full_attention": {"rope_type": "proportional",
"partial_rotary_factor": 0.25, "rope_theta": 1000000.0}}, "layer_types": [)" +
                       kinds + "]";
    text += entry("vocab_size", shape.vocabulary) + entry("hidden_size", shape.hidden) +
            entry("max_position_embeddings", shape.context) + entry("num_hidden_layers", shape.layers.size()) +
            entry("num_attention_heads", sliding.heads) + entry("num_key_value_heads", sliding.key_value_heads) +
            entry("num_global_key_value_heads", full.key_value_heads) + entry("head_dim", sliding.head_size) +
            entry("global_head_dim", full.head_size) + entry("sliding_window", sliding.window) +
            entry("intermediate_size", sliding.mlp_width) + entry("num_kv_shared_layers", sharing) +
            entry("hidden_size_per_layer_input", shape.layer_input) +
            entry("vocab_size_per_layer_input", shape.vocabulary);
    text += ", \"attention_k_eq_v\": " + flag(values_from_keys) +
            ", \"use_double_wide_mlp\": " + flag(full.mlp_width > sliding.mlp_width) +
            ", \"enable_moe_block\": " + flag(sliding.experts > 0);
    if (sliding.experts > 0)
        text += entry("num_experts", sliding.experts) + entry("top_k_experts", sliding.experts_used) +
                entry("moe_intermediate_size", sliding.expert_width);
    return text + "}}\n";
}

/// Random values around `mean`; every tensor takes its bytes from the beginning of such a block.
std::vector<bfloat16> random_block(std::size_t count, float mean, float spread) {
    std::vector<bfloat16> block(count);
    random_sequence random(0);
    for (bfloat16& value : block) value = bfloat16(mean + spread * (2 * static_cast<float>(random.uniform()) - 1));
    return block;
}

void write_text(const std::string& path, const std::string& text) {
    atomic_file file(path);
    file.write_at(0, std::as_bytes(std::span(text)));
    file.commit();
}

std::uint64_t bytes_of(const published_tensor& tensor) {
    return sizeof(bfloat16) * static_cast<std::uint64_t>(tensor.extents.rows) * tensor.extents.columns;
}

std::string header_of(const std::map<std::string, published_tensor>& tensors) {
    std::string header;
    std::uint64_t begin = 0;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t end = begin + bytes_of(tensor);
        header += (begin == 0 ? "{\"" : ",\"") + name + R"(":{"dtype":"BF16","shape":[)" +
                  std::to_string(tensor.extents.rows) + "," + std::to_string(tensor.extents.columns) +
                  R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
        begin = end;
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    return header;
}

void write_weights(const std::string& path, const std::map<std::string, published_tensor>& tensors, float spread) {
    const std::string header = header_of(tensors);
    const auto length = static_cast<std::uint64_t>(header.size());
    const auto matrix = random_block(std::size_t{1} << 23, 0.0F, spread), vector = random_block(1 << 16, 1.0F, 0.1F);
    atomic_file file(path);
    file.write_at(0, std::as_bytes(std::span(&length, 1)));
    file.write_at(sizeof length, std::as_bytes(std::span(header)));
    std::uint64_t at = sizeof length + length;
    for (const auto& [name, tensor] : tensors) {
        const auto source = std::as_bytes(std::span(tensor.is_vector ? vector : matrix));
        const std::uint64_t end = at + bytes_of(tensor);
        for (; !tensor.is_hole && at < end; at += std::min<std::uint64_t>(end - at, source.size()))
            file.write_at(at, source.first(static_cast<std::size_t>(std::min<std::uint64_t>(end - at, source.size()))));
        at = end;
    }
    if (::ftruncate(file.number(), static_cast<::off_t>(at)) != 0) throw error(path + " cannot be made long enough");
    file.commit();
}

decoder_config shape_of(const std::string& size, std::size_t layers) {
    for (const gemma4_preset& preset : gemma4_presets) {
        if (preset.name != size) continue;
        decoder_config shape = preset.config();
        if (layers == 0) return shape;
        if (layers > shape.layers.size() || shape.layers[layers - 1].window > 0 ||
            !shape.layers.back().owns_key_values())
            throw error("--layers: a size whose layers share nothing, cut behind a layer that sees all");
        shape.layers.resize(layers);
        return shape;
    }
    throw error("'" + size + "' is no size; see unloop inspect --preset");
}

struct request {
    std::string size, folder;
    std::size_t layers = 0;  ///< the first of them; 0: all
    bool zeros = false;      ///< as holes: for what reads no weights
};

std::optional<request> request_of(std::span<char*> arguments) {
    request asked;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view one = arguments[i];
        if (one == "--zeros") {
            asked.zeros = true;
        } else if (one == "--layers" && i + 1 < arguments.size()) {
            const std::string_view number = arguments[++i];
            const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), asked.layers);
            if (fault != std::errc{} || end != number.data() + number.size() || asked.layers == 0) return std::nullopt;
        } else {
            names.emplace_back(one);
        }
    }
    if (names.size() != 2) return std::nullopt;
    asked.size = names[0];
    asked.folder = names[1];
    return asked;
}

}  // namespace

int main(int count, char** arguments) {
    const auto asked = request_of(std::span(arguments + 1, arguments + count));
    if (!asked) {
        std::cerr
            << "usage: random_checkpoint SIZE FOLDER [--layers N] [--zeros]\n"
               "SIZE is E2B, E4B, 12B, 26B-A4B or 31B. --layers: the first N alone. --zeros: weights are holes.\n";
        return 2;
    }
    try {
        const decoder_config shape = shape_of(asked->size, asked->layers);
        auto tensors = tensors_of(shape);
        for (auto& [name, tensor] : tensors) tensor.is_hole = tensor.is_hole || asked->zeros;
        std::filesystem::create_directories(asked->folder);
        write_text(asked->folder + "/config.json", config_json(shape));
        write_weights(asked->folder + "/model.safetensors", tensors,
                      1.0F / std::sqrt(static_cast<float>(shape.hidden)));
    } catch (const std::exception& fault) {
        std::cerr << "random_checkpoint: " << fault.what() << '\n';
        return 3;
    }
    return 0;
}
