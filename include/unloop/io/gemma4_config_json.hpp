// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The configuration of a Gemma 4 text model in a config.json, in both layouts that exist.
#ifndef UNLOOP_IO_GEMMA4_CONFIG_JSON_HPP
#define UNLOOP_IO_GEMMA4_CONFIG_JSON_HPP

#include <unloop/io/hugging_face_values_json.hpp>
#include <unloop/model/gemma4_config.hpp>

#include <cstddef>      // size_t
#include <string>       // keys
#include <string_view>  // keys
#include <vector>       // kinds of layers

namespace unloop::inline v0::hugging_face::detail {

/// Which layers see all. Without a list every sixth does; the last one does in any case, as in transformers.
[[nodiscard]] inline std::vector<bool> read_layer_kinds(checked_object& from, std::size_t layers) {
    std::vector<bool> sees_all(layers);
    for (std::size_t i = 0; i < layers; ++i) sees_all[i] = i % 6 == 5;
    if (has(from, "layer_types")) {
        const auto& list = from.list("layer_types");
        if (list.size() != layers)
            from.refuse("layer_types", "has " + std::to_string(list.size()) + " entries, the model " +
                                           std::to_string(layers) + " layers");
        for (std::size_t i = 0; i < layers; ++i) {
            const auto* const kind = list[i].if_string();
            if (kind == nullptr || (*kind != "full_attention" && *kind != "sliding_attention"))
                from.refuse("layer_types",
                            "entry " + std::to_string(i) + " must be 'full_attention' or 'sliding_attention'");
            sees_all[i] = *kind == "full_attention";
        }
    }
    sees_all.back() = true;
    return sees_all;
}

/// The layout that transformers 5 writes: what differs from the values at the top, by layer.
inline void read_layer_overrides(checked_object table, std::vector<gemma4_layer_shape>& layers) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::string key = std::to_string(i);
        if (!has(table, key)) continue;
        checked_object entry = table.object(key);
        if (const auto size = find_size(entry, "head_dim")) layers[i].head_size = *size;
        if (const auto heads = find_size(entry, "num_key_value_heads")) layers[i].key_value_heads = *heads;
        entry.finish();
    }
    table.finish();
}

[[nodiscard]] inline std::vector<gemma4_layer_shape> read_layers(checked_object& from, std::size_t count) {
    gemma4_layer_shape sliding;
    sliding.head_size = find_size(from, "head_dim").value_or(256);
    sliding.key_value_heads = read_size(from, "num_key_value_heads");
    sliding.mlp_width = read_size(from, "intermediate_size");
    gemma4_layer_shape full = sliding;
    full.values_from_keys = read_flag(from, "attention_k_eq_v", false);
    if (!has(from, "per_layer_config")) {  // the layout of published files
        full.head_size = find_size(from, "global_head_dim").value_or(512);
        if (full.values_from_keys)
            full.key_value_heads = find_size(from, "num_global_key_value_heads").value_or(sliding.key_value_heads);
    }
    std::vector<gemma4_layer_shape> layers = gemma4_layers(read_layer_kinds(from, count), sliding, full);
    if (has(from, "per_layer_config")) read_layer_overrides(from.object("per_layer_config"), layers);
    return layers;
}

inline void read_rotary_of_kinds(checked_object& from, gemma4_shape& shape) {
    rotary_values sliding, full{1e6, 1, 0.25};
    if (has(from, "rope_parameters")) {
        checked_object kinds = from.object("rope_parameters");
        sliding = read_rotary(kinds.object("sliding_attention"), sliding);
        full = read_rotary(kinds.object("full_attention"), full);
    }
    shape.sliding = {static_cast<float>(sliding.base), static_cast<float>(sliding.factor)};
    shape.full = {static_cast<float>(full.base), static_cast<float>(full.factor)};
    for (gemma4_layer_shape& layer : shape.layers)
        layer.live_pairs = proportional_pairs(layer.head_size, layer.sees_all ? full.live_share : sliding.live_share);
}

inline void read_experts(checked_object& from, gemma4_shape& shape) {
    if (!read_flag(from, "enable_moe_block", false)) return;
    shape.experts = read_size(from, "num_experts", largest_expert_count / shape.layers.size());
    shape.experts_used = read_size(from, "top_k_experts", shape.experts);
    shape.expert_width =
        read_size(from, has(from, "moe_intermediate_size") ? "moe_intermediate_size" : "expert_intermediate_size");
}

/// `from` is the text model's object; `unified` that of the 12B model, which has no per-layer input. Fallbacks of
/// absent keys are those of transformers 5.23. `most_layers` bounds what is allocated. Throws `error` naming file and
/// key.
[[nodiscard]] inline gemma4_shape read_gemma4(checked_object& from, bool unified, std::size_t most_layers) {
    expect_value(from, "hidden_activation", "gelu_pytorch_tanh");
    expect_flag(from, "attention_bias", false);
    expect_value(from, "use_bidirectional_attention", "vision");  // masks between image tokens, never between others
    gemma4_shape shape;
    shape.vocabulary = read_size(from, "vocab_size");
    shape.hidden = read_size(from, "hidden_size");
    shape.context = find_size(from, "max_position_embeddings").value_or(131072);
    shape.heads = read_size(from, "num_attention_heads");
    shape.window = find_size(from, "sliding_window").value_or(unified ? 1024 : 512);
    shape.norm_epsilon = static_cast<float>(read_positive(from, "rms_norm_eps", 1e-6));
    shape.logit_cap = static_cast<float>(read_positive(from, "final_logit_softcapping", 0));
    shape.layers = read_layers(from, read_size(from, "num_hidden_layers", most_layers));
    read_rotary_of_kinds(from, shape);
    shape.sharing_layers = read_count(from, "num_kv_shared_layers", 0);
    if (shape.sharing_layers >= shape.layers.size())
        from.refuse("num_kv_shared_layers", "must be less than the number of layers");
    if (read_flag(from, "use_double_wide_mlp", false)) widen_sharing_layers(shape);
    shape.layer_input = unified ? 0 : read_count(from, "hidden_size_per_layer_input", 256);
    if (shape.layer_input > 0 &&
        find_size(from, "vocab_size_per_layer_input").value_or(shape.vocabulary) != shape.vocabulary)
        from.refuse("vocab_size_per_layer_input", "must equal vocab_size");
    read_experts(from, shape);
    return shape;
}

}  // namespace unloop::inline v0::hugging_face::detail

#endif
