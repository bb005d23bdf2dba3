// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What GGUF's keys and tensor names mean: the shape of the decoder, the tokenizer's data, a parameter's tensor.
#ifndef UNLOOP_IO_GGUF_MODEL_HPP
#define UNLOOP_IO_GGUF_MODEL_HPP

#include <unloop/io/checkpoint.hpp>
#include <unloop/io/gguf.hpp>

#include <algorithm>    // any_of
#include <array>        // the table of names
#include <cmath>        // sqrt
#include <cstdint>      // ids
#include <string>       // keys
#include <string_view>  // names
#include <vector>       // tokens

namespace unloop::inline v0::gguf {

/// A parameter's place: tensor "token_embd.weight", "blk.3.ffn_up.weight", or an expert's part of
/// "blk.3.ffn_gate_up_exps.weight".
[[nodiscard]] inline tensor_part locate(const checkpoint& /*file*/, parameter_name parameter) {
    // In the order of `parameter_role`.
    constexpr std::array<std::string_view, parameter_roles> names{"token_embd.weight",
                                                                  "per_layer_token_embd.weight",
                                                                  "per_layer_model_proj.weight",
                                                                  "per_layer_proj_norm.weight",
                                                                  "attn_norm.weight",
                                                                  "attn_q.weight",
                                                                  "attn_k.weight",
                                                                  "attn_v.weight",
                                                                  "attn_q_norm.weight",
                                                                  "attn_k_norm.weight",
                                                                  "attn_output.weight",
                                                                  "post_attention_norm.weight",
                                                                  "ffn_norm.weight",
                                                                  "ffn_gate.weight",
                                                                  "ffn_up.weight",
                                                                  "ffn_down.weight",
                                                                  "post_ffw_norm_1.weight",
                                                                  "ffn_gate_inp.scale",
                                                                  "ffn_gate_inp.weight",
                                                                  "ffn_down_exps.scale",
                                                                  "pre_ffw_norm_2.weight",
                                                                  "ffn_gate_up_exps.weight",
                                                                  "ffn_gate_up_exps.weight",
                                                                  "ffn_down_exps.weight",
                                                                  "post_ffw_norm_2.weight",
                                                                  "post_ffw_norm.weight",
                                                                  "inp_gate.weight",
                                                                  "proj.weight",
                                                                  "post_norm.weight",
                                                                  "layer_output_scale.weight",
                                                                  "output_norm.weight",
                                                                  "output.weight"};
    const std::string_view name = names[static_cast<std::size_t>(parameter.role)];
    const std::string prefix = parameter.layer < 0 ? "" : "blk." + std::to_string(parameter.layer) + ".";
    return {prefix + std::string(name)};
}

/// No tensor of this architecture is foreign.
[[nodiscard]] inline bool is_foreign(const checkpoint& /*file*/, const stored_tensor& /*tensor*/) noexcept {
    return false;
}

namespace detail {

/// Keys of one architecture, with the checks that make a hostile file harmless.
class shape_reader {
  public:
    shape_reader(const checkpoint& file, std::string architecture)
        : file_(file), prefix_(std::move(architecture) + ".") {}

    /// A count from 1 to `most`; `fallback` 0 means that the key must be there.
    [[nodiscard]] std::size_t count(std::string_view key, std::uint64_t most, std::uint64_t fallback = 0) const {
        const std::string name = prefix_ + std::string(key);
        const auto value = fallback == 0 ? file_.metadata().get<std::uint64_t>(name)
                                         : file_.metadata().get_or<std::uint64_t>(name, fallback);
        if (value < 1 || value > most) refuse(name, "must be from 1 to " + std::to_string(most));
        return static_cast<std::size_t>(value);
    }
    [[nodiscard]] float positive(std::string_view key, float fallback = 0) const {
        const std::string name = prefix_ + std::string(key);
        const float value =
            fallback == 0 ? file_.metadata().get<float>(name) : file_.metadata().get_or<float>(name, fallback);
        if (!(value > 0) || !std::isfinite(value)) refuse(name, "must be positive");
        return value;
    }
    [[noreturn]] void refuse(const std::string& key, const std::string& why) const {
        const metadata_entry* const entry = file_.metadata().find(key);
        throw error({file_.path(), key, entry ? std::optional(entry->offset) : std::nullopt}, why);
    }
    [[nodiscard]] std::string name(std::string_view key) const { return prefix_ + std::string(key); }
    [[nodiscard]] bool has(std::string_view key) const { return file_.metadata().find(name(key)) != nullptr; }

  private:
    const checkpoint& file_;
    std::string prefix_;
};

}  // namespace detail

/// The decoder of architecture llama that the keys describe. Sizes are bounded before anything is allocated; whether
/// the tensors have these sizes is checked when they are bound. Throws `error` naming the key.
[[nodiscard]] inline decoder_config read_config(const checkpoint& file) {
    constexpr std::uint64_t most = std::uint64_t{1} << 24;  // no dimension of a model comes near
    decoder_config config;
    config.family = file.metadata().get<std::string>("general.architecture");
    if (config.family != "llama")
        throw error({file.path(), "general.architecture", {}}, "'" + config.family + "' is not a family that is known");
    const detail::shape_reader read(file, config.family);
    const std::size_t layers = read.count("block_count", file.tensors().size());
    config.hidden = read.count("embedding_length", most);
    config.context = read.count("context_length", most);
    const stored_tensor& table = file.at(locate(file, {-1, parameter_role::embedding}).tensor);
    config.vocabulary = table.shape.empty() ? 0 : static_cast<std::size_t>(table.shape.front());
    config.tied_head = file.find(locate(file, {-1, parameter_role::head}).tensor) == nullptr;
    config.norm_epsilon = read.positive("attention.layer_norm_rms_epsilon");

    layer_traits layer;
    layer.hidden = config.hidden;
    layer.heads = read.count("attention.head_count", most);
    layer.key_value_heads = read.count("attention.head_count_kv", layer.heads, layer.heads);
    if (layer.heads % layer.key_value_heads != 0)
        read.refuse(read.name("attention.head_count_kv"), "must divide the number of query heads");
    layer.head_size = read.count("attention.key_length", most, std::max<std::size_t>(config.hidden / layer.heads, 1));
    layer.mlp_width = read.count("feed_forward_length", most);
    layer.norm_epsilon = config.norm_epsilon;
    layer.attention_scale = 1.0F / std::sqrt(static_cast<float>(layer.head_size));
    layer.rotary_pairs = rotary_layout::interleaved;  // the converter of this architecture permutes rows of q and k
    if (read.count("rope.dimension_count", most, layer.head_size) != layer.head_size || layer.head_size % 2 != 0)
        read.refuse(read.name("rope.dimension_count"), "must be the whole, even head size");
    if (read.has("rope.scaling.type") && file.metadata().get<std::string>(read.name("rope.scaling.type")) != "none")
        read.refuse(read.name("rope.scaling.type"), "only 'none' is supported");
    config.rotary_tables = {{layer.head_size, read.positive("rope.freq_base", 10000.0F), 1.0F, layer.head_size / 2}};
    for (std::size_t i = 0; i < layers; ++i) {
        layer.layer = layer.key_value_layer = i;
        config.layers.push_back(layer);
    }
    return config;
}

/// The tokenizer's data; `tokens` is empty when the file has none. Throws `error` naming the key.
[[nodiscard]] inline tokenizer_data read_tokenizer(const checkpoint& file) {
    const auto& keys = file.metadata();
    const std::string prefix = "tokenizer.ggml.";
    tokenizer_data data;
    if (keys.find(prefix + "tokens") == nullptr) return data;
    data.model = keys.get<std::string>(prefix + "model");
    data.pre_tokenizer = keys.get_or<std::string>(prefix + "pre", "");
    data.tokens = keys.get<std::vector<std::string>>(prefix + "tokens");
    for (const auto kind : keys.get_or<std::vector<std::int32_t>>(prefix + "token_type", {}))
        data.kinds.push_back(static_cast<token_kind>(kind));
    for (const std::string& merge : keys.get_or<std::vector<std::string>>(prefix + "merges", {}))
        data.merges.push_back(parse_merge(merge));
    const auto id = [&](const char* key) -> std::optional<token_id> {
        if (keys.find(prefix + key) == nullptr) return std::nullopt;
        return keys.get<token_id>(prefix + key);
    };
    data.bos = id("bos_token_id"), data.eos = id("eos_token_id");
    data.unknown = id("unknown_token_id"), data.padding = id("padding_token_id");
    data.add_bos = keys.get_or<bool>(prefix + "add_bos_token", false);
    data.add_eos = keys.get_or<bool>(prefix + "add_eos_token", false);
    data.chat_template = keys.get_or<std::string>("tokenizer.chat_template", "");
    return data;
}

static_assert(checkpoint_file<checkpoint>);

}  // namespace unloop::inline v0::gguf

#endif
