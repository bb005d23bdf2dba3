// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A family of one's own: the architecture of Qwen3, which is Llama with a norm over each head of queries and keys.
#ifndef MY_FAMILY_HPP
#define MY_FAMILY_HPP

#include <unloop/model/llama.hpp>

#include <cmath>
#include <cstddef>
#include <span>

namespace my {

// [keys]
/// Keys are normed over each head before they are turned; values stay as they are projected.
struct normed_keys : unloop::own_keys_and_values {
    unloop::rms_norm key_norm;  ///< weight [head size], shared by the heads

    template <class Visitor>
    void for_each_parameter(const unloop::layer_traits& traits, Visitor&& visit) {
        own_keys_and_values::for_each_parameter(traits, visit);
        visit(unloop::parameter_role::key_norm, unloop::parameter_shape{1, traits.head_size}, key_norm.weight);
    }
    template <class Rotary, class Run>
    void store(Run& run, unloop::const_matrix_view normed) const {
        const std::size_t width = run.traits.key_value_width(), head = run.traits.head_size;
        const auto keys = run.rows_of(run.space.keys, width), values = run.rows_of(run.space.values, width);
        unloop::apply_linear(run.backend, run.executor, key, normed, keys);
        unloop::apply_linear(run.backend, run.executor, value, normed, values);
        unloop::store_keys_and_values<Rotary>(run, keys, values, [&](std::span<float> k, std::span<float>) {
            for (std::size_t at = 0; at < width; at += head) key_norm.forward(run, k.subspan(at, head));
        });
    }
};
// [/keys]

// [alias]
using family_layer = unloop::transformer_block<             //
    unloop::pre_norm<unloop::rms_norm>,                     //
    unloop::attention<                                      //
        unloop::grouped_heads_with_norm<unloop::rms_norm>,  //
        unloop::causal,                                     //
        unloop::rotary,                                     //
        normed_keys>,                                       //
    unloop::gated_mlp<unloop::kernels::silu_t>>;

template <class Backend>
using family = unloop::decoder<Backend, unloop::token_embedding, family_layer, unloop::rms_norm, unloop::language_head>;
// [/alias]

// [config]
struct sizes {
    std::size_t layers = 0, hidden = 0, heads = 0, key_value_heads = 0, head_size = 0;
    std::size_t mlp_width = 0, vocabulary = 0, context = 0;
    float norm_epsilon = 1e-6F, rotary_base = 1e6F;
    bool tied_head = false;
};
inline unloop::decoder_config config_of(const sizes& of) {
    unloop::decoder_config config;
    config.family = "qwen3";
    config.hidden = of.hidden, config.vocabulary = of.vocabulary, config.context = of.context;
    config.norm_epsilon = of.norm_epsilon, config.tied_head = of.tied_head;
    config.rotary_tables = {{of.head_size, of.rotary_base, 1.0F, of.head_size / 2}};
    for (std::size_t i = 0; i < of.layers; ++i) {
        unloop::layer_traits& layer = config.layers.emplace_back();
        layer.layer = layer.key_value_layer = i;
        layer.hidden = of.hidden, layer.mlp_width = of.mlp_width;
        layer.heads = of.heads, layer.key_value_heads = of.key_value_heads, layer.head_size = of.head_size;
        layer.norm_epsilon = of.norm_epsilon;
        layer.attention_scale = 1.0F / std::sqrt(static_cast<float>(of.head_size));
    }
    return config;
}
// [/config]

}  // namespace my

#endif
