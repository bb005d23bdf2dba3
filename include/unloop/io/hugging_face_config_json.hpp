// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A config.json of transformers as the shape of a decoder: the families Llama, Mixtral and Gemma 4.
#ifndef UNLOOP_IO_HUGGING_FACE_CONFIG_JSON_HPP
#define UNLOOP_IO_HUGGING_FACE_CONFIG_JSON_HPP

#include <unloop/io/gemma4_config_json.hpp>
#include <unloop/io/hugging_face_values_json.hpp>
#include <unloop/model/gemma4_config.hpp>

#include <cmath>        // sqrt
#include <cstddef>      // size_t
#include <string>       // families
#include <string_view>  // the document

namespace unloop::inline v0::hugging_face {

namespace detail {

/// Keys of transformers 5 ("rope_parameters") or older ones ("rope_theta" and "rope_scaling" at the top).
[[nodiscard]] inline rotary_values read_plain_rotary(checked_object& from, rotary_values fallback) {
    fallback.base = read_positive(from, "rope_theta", fallback.base);
    if (read_positive(from, "partial_rotary_factor", 1) != 1)
        from.refuse("partial_rotary_factor", "only 1 is supported");
    for (const std::string_view key : {"rope_parameters", "rope_scaling"})
        if (has(from, key)) return read_rotary(from.object(key), fallback);
    return fallback;
}

/// What Llama and Mixtral have in common; layers have a dense MLP of `mlp_width`, and windows where the file says so.
[[nodiscard]] inline decoder_config read_plain(checked_object& from, std::string family, const rotary_values& fallback,
                                               std::size_t most_layers) {
    expect_value(from, "hidden_act", "silu");
    expect_flag(from, "attention_bias", false);
    expect_flag(from, "mlp_bias", false);
    decoder_config config;
    config.family = std::move(family);
    config.hidden = read_size(from, "hidden_size");
    config.vocabulary = read_size(from, "vocab_size");
    config.context = read_size(from, "max_position_embeddings");
    config.norm_epsilon = static_cast<float>(read_positive(from, "rms_norm_eps", 1e-6));
    layer_traits layer;
    layer.hidden = config.hidden;
    layer.norm_epsilon = config.norm_epsilon;
    layer.heads = read_size(from, "num_attention_heads");
    layer.key_value_heads = find_size(from, "num_key_value_heads").value_or(layer.heads);
    if (layer.heads % layer.key_value_heads != 0)
        from.refuse("num_key_value_heads", "must divide num_attention_heads, which is " + std::to_string(layer.heads));
    layer.head_size = find_size(from, "head_dim").value_or(config.hidden / layer.heads);
    if (layer.head_size == 0 || layer.head_size % 2 != 0)
        from.refuse(has(from, "head_dim") ? "head_dim" : "num_attention_heads", "the size of a head must be even");
    layer.attention_scale = 1.0F / std::sqrt(static_cast<float>(layer.head_size));
    layer.mlp_width = read_size(from, "intermediate_size");
    const rotary_values angles = read_plain_rotary(from, fallback);
    config.rotary_tables = {{layer.head_size, static_cast<float>(angles.base), static_cast<float>(angles.factor),
                             proportional_pairs(layer.head_size, angles.live_share)}};
    config.layers.assign(read_size(from, "num_hidden_layers", most_layers), layer);
    for (std::size_t i = 0; i < config.layers.size(); ++i)
        config.layers[i].layer = config.layers[i].key_value_layer = i;
    return config;
}

[[nodiscard]] inline decoder_config read_llama(checked_object& from, std::size_t most_layers) {
    decoder_config config = read_plain(from, "llama", {10000}, most_layers);
    config.tied_head = read_flag(from, "tie_word_embeddings", false);
    return config;
}

[[nodiscard]] inline decoder_config read_mixtral(checked_object& from, std::size_t most_layers) {
    decoder_config config = read_plain(from, "mixtral", {1e6}, most_layers);
    config.tied_head = read_flag(from, "tie_word_embeddings", false);
    const std::size_t experts = read_size(from, "num_local_experts", largest_expert_count / config.layers.size());
    const std::size_t used = read_size(from, "num_experts_per_tok", experts);
    const std::size_t window = read_count(from, "sliding_window", 0);
    for (layer_traits& layer : config.layers) {
        layer.expert_width = std::exchange(layer.mlp_width, 0);
        layer.experts = experts, layer.experts_used = used, layer.window = window;
    }
    return config;
}

/// `from` has the text model's values at the top or under "text_config".
[[nodiscard]] inline decoder_config read_gemma4_family(checked_object& from, const std::string& model_type,
                                                       const std::string& file, std::size_t most_layers) {
    const bool unified = model_type.starts_with("gemma4_unified"), nested = !model_type.ends_with("_text");
    checked_object text = nested ? from.object("text_config") : from;
    if (nested) expect_value(text, "model_type", unified ? "gemma4_unified_text" : "gemma4_text");
    gemma4_shape shape = read_gemma4(text, unified, most_layers);
    shape.tied_head = read_flag(from, "tie_word_embeddings", read_flag(text, "tie_word_embeddings", true));
    if (const std::string fault = fault_in(shape); !fault.empty())
        throw error({file, nested ? "text_config" : "", {}}, fault);
    return gemma4_config(shape);
}

}  // namespace detail

/// The decoder that the document describes; its family is "llama", "mixtral" or "gemma4". `file` is named in errors.
/// Sizes are bounded, and there are at most `most_layers` layers (a caller knows from the weights how many there can
/// be); whether the tensors have these sizes is checked when they are bound. A head is tied when the document says so.
/// Throws `error` naming the key of a value that is missing, unknown or not supported.
[[nodiscard]] inline decoder_config parse_config(std::string_view text, const std::string& file,
                                                 std::size_t most_layers) {
    const boost::json::value document = parse_json(text, {file, {}, {}});
    checked_object from(document, file, {});
    const std::string type = from.text("model_type");
    if (type == "llama") return detail::read_llama(from, most_layers);
    if (type == "mixtral") return detail::read_mixtral(from, most_layers);
    for (const std::string_view known : {"gemma4", "gemma4_text", "gemma4_unified", "gemma4_unified_text"})
        if (type == known) return detail::read_gemma4_family(from, type, file, most_layers);
    from.refuse("model_type", "'" + type + "' is not a family that is known (llama, mixtral, gemma4)");
}

}  // namespace unloop::inline v0::hugging_face

#endif
