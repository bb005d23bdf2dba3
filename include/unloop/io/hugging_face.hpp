// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A checkpoint as transformers saves it, once it is open: what its tensors are called and which of them matter.
#ifndef UNLOOP_IO_HUGGING_FACE_HPP
#define UNLOOP_IO_HUGGING_FACE_HPP

#include <unloop/io/checkpoint.hpp>
#include <unloop/io/tensor_files.hpp>

#include <array>        // the table of names
#include <set>          // tensors without use
#include <string>       // names
#include <string_view>  // names
#include <utility>      // move

namespace unloop::inline v0::hugging_face {

namespace detail {

using name_table = std::array<std::string_view, parameter_roles>;

/// In the order of `parameter_role`; `*` stands for an expert's number, and without it the experts lie in one tensor.
inline constexpr name_table gemma4_names{"embed_tokens.weight",
                                         "embed_tokens_per_layer.weight",
                                         "per_layer_model_projection.weight",
                                         "per_layer_projection_norm.weight",
                                         "input_layernorm.weight",
                                         "self_attn.q_proj.weight",
                                         "self_attn.k_proj.weight",
                                         "self_attn.v_proj.weight",
                                         "self_attn.q_norm.weight",
                                         "self_attn.k_norm.weight",
                                         "self_attn.o_proj.weight",
                                         "post_attention_layernorm.weight",
                                         "pre_feedforward_layernorm.weight",
                                         "mlp.gate_proj.weight",
                                         "mlp.up_proj.weight",
                                         "mlp.down_proj.weight",
                                         "post_feedforward_layernorm_1.weight",
                                         "router.scale",
                                         "router.proj.weight",
                                         "router.per_expert_scale",
                                         "pre_feedforward_layernorm_2.weight",
                                         "experts.gate_up_proj",
                                         "experts.gate_up_proj",
                                         "experts.down_proj",
                                         "post_feedforward_layernorm_2.weight",
                                         "post_feedforward_layernorm.weight",
                                         "per_layer_input_gate.weight",
                                         "per_layer_projection.weight",
                                         "post_per_layer_input_norm.weight",
                                         "layer_scalar",
                                         "norm.weight",
                                         "lm_head.weight"};

[[nodiscard]] constexpr std::string_view& name_in(name_table& names, parameter_role role) noexcept {
    return names[static_cast<std::size_t>(role)];
}

/// Llama and Mixtral call the norm in front of the feed-forward after where it stands, behind attention.
inline constexpr name_table plain_names = [] {
    name_table names = gemma4_names;
    name_in(names, parameter_role::feed_forward_norm) = "post_attention_layernorm.weight";
    name_in(names, parameter_role::router) = "block_sparse_moe.gate.weight";
    name_in(names, parameter_role::expert_gate) = "block_sparse_moe.experts.*.w1.weight";
    name_in(names, parameter_role::expert_up) = "block_sparse_moe.experts.*.w3.weight";
    name_in(names, parameter_role::expert_down) = "block_sparse_moe.experts.*.w2.weight";
    return names;
}();

inline constexpr std::string_view text_prefix = "model.", multimodal_prefix = "model.language_model.";

}  // namespace detail

/// Made by `hugging_face::open`.
class checkpoint : public tensor_files {
  public:
    /// A tied head that is stored nevertheless counts as a head of its own, as in transformers 5.
    checkpoint(tensor_files files, decoder_config config, tokenizer_data tokenizer)
        : tensor_files(std::move(files)), config_(std::move(config)), tokenizer_(std::move(tokenizer)) {
        const std::string table = std::string(detail::multimodal_prefix) + std::string(detail::gemma4_names[0]);
        if (find(table) != nullptr) prefix_ = detail::multimodal_prefix;
        if (config_.family != "gemma4") names_ = detail::plain_names;
        if (find(name_of({-1, parameter_role::head})) != nullptr) config_.tied_head = false;
        for (const layer_traits& layer : config_.layers)
            if (!layer.owns_key_values())
                for (const auto role : {parameter_role::key, parameter_role::key_norm, parameter_role::value})
                    unused_.insert(name_of({static_cast<std::int32_t>(layer.layer), role}));
    }

    [[nodiscard]] const decoder_config& config() const noexcept { return config_; }
    [[nodiscard]] const tokenizer_data& tokenizer() const noexcept { return tokenizer_; }
    /// What the names of the text model begin with.
    [[nodiscard]] std::string_view prefix() const noexcept { return prefix_; }

    /// Of a parameter, or of the tensor that it is a part of.
    [[nodiscard]] std::string name_of(parameter_name parameter) const {
        std::string name(names_[static_cast<std::size_t>(parameter.role)]);
        if (parameter.role == parameter_role::head) return name;
        if (const std::size_t star = name.find('*'); star != std::string::npos)
            name.replace(star, 1, std::to_string(parameter.expert));
        const std::string layer = parameter.layer < 0 ? "" : "layers." + std::to_string(parameter.layer) + ".";
        return std::string(prefix_) + layer + name;
    }
    /// Whether a layer's experts lie in one tensor.
    [[nodiscard]] bool stacks_experts() const noexcept {
        return names_[static_cast<std::size_t>(parameter_role::expert_down)].find('*') == std::string_view::npos;
    }
    /// Keys and values of a layer that uses those of another: older files have them, and nothing reads them.
    [[nodiscard]] bool is_unused(const std::string& name) const { return unused_.contains(name); }

  private:
    decoder_config config_;
    tokenizer_data tokenizer_;
    detail::name_table names_ = detail::gemma4_names;
    std::string_view prefix_ = detail::text_prefix;
    std::set<std::string> unused_;
};

[[nodiscard]] inline decoder_config read_config(const checkpoint& file) { return file.config(); }
[[nodiscard]] inline tokenizer_data read_tokenizer(const checkpoint& file) { return file.tokenizer(); }

/// A stack of experts [experts, 2 width, hidden] has each expert's gate, then its up.
[[nodiscard]] inline tensor_part locate(const checkpoint& file, parameter_name parameter) {
    tensor_part part{file.name_of(parameter)};
    if (parameter.expert < 0 || !file.stacks_experts()) return part;
    const auto expert = static_cast<std::size_t>(parameter.expert);
    const std::size_t experts = file.config().layers[static_cast<std::size_t>(parameter.layer)].experts;
    if (parameter.role == parameter_role::expert_down) return {std::move(part.tensor), expert, experts};
    const std::size_t second = parameter.role == parameter_role::expert_up ? 1 : 0;
    return {std::move(part.tensor), 2 * expert + second, 2 * experts};
}

/// Vision and audio parts of a multimodal model, keys and values that nothing reads, and the angles that old files
/// store.
[[nodiscard]] inline bool is_foreign(const checkpoint& file, const stored_tensor& tensor) {
    constexpr std::array<std::string_view, 5> other_parts{"model.vision_tower.", "model.audio_tower.",
                                                          "model.embed_vision.", "model.embed_audio.",
                                                          "model.vision_embedder."};
    if (file.prefix() == detail::multimodal_prefix)
        for (const std::string_view part : other_parts)
            if (tensor.name.starts_with(part)) return true;
    return file.is_unused(tensor.name) || tensor.name.ends_with(".self_attn.rotary_emb.inv_freq");
}

static_assert(checkpoint_file<checkpoint>);

}  // namespace unloop::inline v0::hugging_face

#endif
