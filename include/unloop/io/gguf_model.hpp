// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What GGUF's keys and tensor names mean: the shape of the decoder, the tokenizer's data, a parameter's tensor.
#ifndef UNLOOP_IO_GGUF_MODEL_HPP
#define UNLOOP_IO_GGUF_MODEL_HPP

#include <unloop/io/byte_fallback.hpp>
#include <unloop/io/checkpoint.hpp>
#include <unloop/io/end_tokens.hpp>
#include <unloop/io/gguf.hpp>
#include <unloop/io/gguf_gemma4.hpp>
#include <unloop/io/gguf_llama.hpp>

#include <array>         // the table of names
#include <charconv>      // numbers of layers
#include <cstdint>       // ids
#include <optional>      // ids that may be absent
#include <string>        // keys
#include <string_view>   // names
#include <system_error>  // errc
#include <utility>       // move
#include <vector>        // tokens

namespace unloop::inline v0::gguf {

namespace detail {

template <class Integer>
[[nodiscard]] std::string layer_name(Integer layer, std::string_view name) {
    return "blk." + std::to_string(layer) + "." + std::string(name);
}

/// 12 of "blk.12.ffn_up.weight"; nothing outside the layers.
[[nodiscard]] inline std::optional<std::uint64_t> layer_of(std::string_view name) noexcept {
    if (!name.starts_with("blk.")) return std::nullopt;
    std::uint64_t layer = 0;
    if (std::from_chars(name.data() + 4, name.data() + name.size(), layer).ec != std::errc{}) return std::nullopt;
    return layer;
}

/// The architecture's key, or 0 where it has none.
[[nodiscard]] inline std::uint64_t count_of(const checkpoint& file, std::string_view key) {
    const auto architecture = file.metadata().get<std::string>("general.architecture");
    return file.metadata().get_or<std::uint64_t>(architecture + "." + std::string(key), 0);
}

/// Stacks of experts [experts, rows, columns], gate and up in one tensor, each expert's gate first, or in two.
[[nodiscard]] inline tensor_part locate_expert(const checkpoint& file, parameter_name parameter, std::string name) {
    const auto expert = static_cast<std::size_t>(parameter.expert);
    const auto experts = static_cast<std::size_t>(count_of(file, "expert_count"));
    if (parameter.role == parameter_role::expert_down) return {std::move(name), expert, experts};
    const bool is_up = parameter.role == parameter_role::expert_up;
    std::string alone = layer_name(parameter.layer, is_up ? "ffn_up_exps.weight" : "ffn_gate_exps.weight");
    if (file.find(alone) != nullptr) return {std::move(alone), expert, experts};
    return {std::move(name), 2 * expert + (is_up ? 1 : 0), 2 * experts};
}

}  // namespace detail

/// A parameter's place: tensor "token_embd.weight", "blk.3.ffn_up.weight", or an expert's part of
/// "blk.3.ffn_gate_up_exps.weight".
[[nodiscard]] inline tensor_part locate(const checkpoint& file, parameter_name parameter) {
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
    std::string name(names[static_cast<std::size_t>(parameter.role)]);
    if (parameter.layer >= 0) name = detail::layer_name(parameter.layer, name);
    return parameter.expert < 0 ? tensor_part{std::move(name)}
                                : detail::locate_expert(file, parameter, std::move(name));
}

/// In architecture gemma4: the angles' divisors, which `read_config` has read, and keys and values of a layer that uses
/// those of another.
[[nodiscard]] inline bool is_foreign(const checkpoint& file, const stored_tensor& tensor) {
    if (file.metadata().get<std::string>("general.architecture") != "gemma4") return false;
    if (tensor.name == "rope_freqs.weight") return true;
    const auto layer = detail::layer_of(tensor.name);
    const std::uint64_t layers = detail::count_of(file, "block_count"),
                        sharing = detail::count_of(file, "attention.shared_kv_layers");
    if (!layer || *layer >= layers || layers - *layer > sharing) return false;
    for (const char* const unused : {"attn_k.weight", "attn_k_norm.weight", "attn_v.weight"})
        if (tensor.name == detail::layer_name(*layer, unused)) return true;
    return false;
}

/// The decoder that the keys describe, of architecture llama or gemma4. Sizes are bounded before anything is allocated;
/// whether the tensors have these sizes is checked when they are bound. Throws `error` naming the key.
[[nodiscard]] inline decoder_config read_config(const checkpoint& file) {
    const auto& architecture = file.metadata().get<std::string>("general.architecture");
    if (architecture == "llama") return detail::read_llama(file);
    if (architecture == "gemma4") return detail::read_gemma4(file);
    throw error({file.path(), "general.architecture", {}}, "'" + architecture + "' is not a family that is known");
}

/// The tokenizer's data; `tokens` is empty when the file has none. Scores are not needed: merges have an order. Of
/// model "gemma4" the kinds of tokens must be there, and a bos is added unless the file says no. Throws `error` naming
/// the key.
[[nodiscard]] inline tokenizer_data read_tokenizer(const checkpoint& file) {
    const auto& keys = file.metadata();
    const std::string prefix = "tokenizer.ggml.";
    tokenizer_data data;
    if (keys.find(prefix + "tokens") == nullptr) return data;
    data.model = keys.get<std::string>(prefix + "model");
    data.pre_tokenizer = keys.get_or<std::string>(prefix + "pre", "");
    data.tokens = keys.get<std::vector<std::string>>(prefix + "tokens");
    const bool gemma = data.model == code_point_symbols::model;
    if (gemma && keys.get_or<bool>(prefix + "add_space_prefix", false))
        throw error({file.path(), prefix + "add_space_prefix", {}}, "true is not supported");
    const auto kinds = gemma ? keys.get<std::vector<std::int32_t>>(prefix + "token_type")
                             : keys.get_or<std::vector<std::int32_t>>(prefix + "token_type", {});
    for (const auto kind : kinds) data.kinds.push_back(static_cast<token_kind>(kind));
    for (const std::string& merge : keys.get_or<std::vector<std::string>>(prefix + "merges", {}))
        data.merges.push_back(parse_merge(merge));
    const auto id = [&](const char* key) -> std::optional<token_id> {
        if (keys.find(prefix + key) == nullptr) return std::nullopt;
        return keys.get<token_id>(prefix + key);
    };
    data.bos = id("bos_token_id"), data.eos = id("eos_token_id");
    data.unknown = id("unknown_token_id"), data.padding = id("padding_token_id");
    data.add_bos = keys.get_or<bool>(prefix + "add_bos_token", gemma && data.bos);
    data.add_eos = keys.get_or<bool>(prefix + "add_eos_token", false);
    data.chat_template = keys.get_or<std::string>("tokenizer.chat_template", "");
    for (const auto& end : {data.eos, id("eot_token_id"), id("eom_token_id")})
        if (end) data.ends.push_back(*end);
    add_turn_ends(data);
    return data;
}

static_assert(checkpoint_file<checkpoint>);

}  // namespace unloop::inline v0::gguf

#endif
