// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What follows from the sizes of a Gemma 4 model: traits of each layer, whatever file the sizes come from.
#ifndef UNLOOP_MODEL_GEMMA4_CONFIG_HPP
#define UNLOOP_MODEL_GEMMA4_CONFIG_HPP

#include <unloop/core/expects.hpp>
#include <unloop/model/decoder_config.hpp>

#include <algorithm>  // find
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <optional>   // a layer that may not exist
#include <string>     // faults
#include <vector>     // layers

namespace unloop::inline v0 {

/// What one layer has of its own.
struct gemma4_layer_shape {
    bool sees_all = false;            ///< full attention; otherwise a window
    bool values_from_keys = false;    ///< has no value projection
    std::size_t head_size = 0;        ///< even
    std::size_t live_pairs = 0;       ///< channel pairs that rotate, the first of head_size / 2
    std::size_t key_value_heads = 0;  ///< divides the number of query heads
    std::size_t mlp_width = 0;
};

/// Angles of one kind of layer.
struct gemma4_rotary {
    float base = 10000.0F;
    float factor = 1.0F;  ///< frequencies are divided by it
};

/// Sizes of a model of the family.
struct gemma4_shape {
    std::size_t vocabulary = 0;
    std::size_t hidden = 0;
    std::size_t context = 0;  ///< positions that it was trained for
    std::size_t heads = 0;
    std::size_t window = 0;          ///< of the layers that have one: positions that a query sees, itself included
    std::size_t sharing_layers = 0;  ///< so many last layers use keys and values of layers below
    std::size_t layer_input = 0;     ///< 0: layers have no input of their own
    std::size_t experts = 0;         ///< of each layer; 0: none
    std::size_t experts_used = 0;
    std::size_t expert_width = 0;
    float norm_epsilon = 1e-6F;
    float logit_cap = 0;  ///< 0: none
    bool tied_head = true;
    gemma4_rotary sliding, full{1e6F};
    std::vector<gemma4_layer_shape> layers;

    [[nodiscard]] std::size_t first_sharing() const noexcept { return layers.size() - sharing_layers; }
};

/// Pairs of a head that rotate when a share of its channels does ("proportional" rotary): the share rounded down.
[[nodiscard]] inline std::size_t proportional_pairs(std::size_t head_size, double share) noexcept {
    return static_cast<std::size_t>(share * static_cast<double>(head_size) / 2);
}

/// Layers of two kinds, in the order of `sees_all`.
[[nodiscard]] inline std::vector<gemma4_layer_shape> gemma4_layers(const std::vector<bool>& sees_all,
                                                                   const gemma4_layer_shape& sliding,
                                                                   const gemma4_layer_shape& full) {
    std::vector<gemma4_layer_shape> layers;
    for (const bool all : sees_all) {
        layers.push_back(all ? full : sliding);
        layers.back().sees_all = all;
    }
    return layers;
}

/// "use_double_wide_mlp": layers without keys and values of their own have an MLP of twice the width instead.
inline void widen_sharing_layers(gemma4_shape& shape) noexcept {
    for (std::size_t i = shape.first_sharing(); i < shape.layers.size(); ++i) shape.layers[i].mlp_width *= 2;
}

/// The layer whose keys and values layer `i` uses: its own, or those of the last of its kind below all that share.
[[nodiscard]] inline std::optional<std::size_t> key_value_layer(const gemma4_shape& shape, std::size_t i) noexcept {
    if (i < shape.first_sharing()) return i;
    for (std::size_t owner = shape.first_sharing(); owner-- > 0;)
        if (shape.layers[owner].sees_all == shape.layers[i].sees_all) return owner;
    return std::nullopt;
}

/// In words what keeps `shape` from being a model; empty when nothing does.
[[nodiscard]] inline std::string fault_in(const gemma4_shape& shape) {
    if (shape.layers.empty()) return "there are no layers";
    if (shape.sharing_layers >= shape.layers.size()) return "no layer has keys and values of its own";
    if (shape.experts_used > shape.experts) return "a token uses more experts than there are";
    for (std::size_t i = 0; i < shape.layers.size(); ++i) {
        const gemma4_layer_shape& layer = shape.layers[i];
        const std::string where = "layer " + std::to_string(i) + ": ";
        if (layer.key_value_heads == 0 || shape.heads % layer.key_value_heads != 0)
            return where + std::to_string(layer.key_value_heads) + " key/value heads do not divide " +
                   std::to_string(shape.heads) + " query heads";
        if (layer.head_size % 2 != 0) return where + "the head size must be even";
        if (layer.live_pairs > layer.head_size / 2) return where + "more pairs rotate than there are";
        const auto owner = key_value_layer(shape, i);
        if (!owner) return where + "shares keys and values, and no layer of its kind has any";
        if (shape.layers[*owner].head_size != layer.head_size ||
            shape.layers[*owner].key_value_heads != layer.key_value_heads)
            return where + "shares the keys and values of layer " + std::to_string(*owner) + ", which has other heads";
    }
    return {};
}

/// The number of a table with these angles, which is added when there is none. O(tables).
inline std::size_t add_rotary_table(decoder_config& config, const rotary_spec& spec) {
    auto& tables = config.rotary_tables;
    const auto found = std::find(tables.begin(), tables.end(), spec);
    const auto number = static_cast<std::size_t>(found - tables.begin());
    if (found == tables.end()) tables.push_back(spec);
    return number;
}

/// The decoder that `shape` describes; nothing must be wrong with it (`fault_in`). Queries are not scaled, because they
/// and the keys are normed. O(layers).
[[nodiscard]] inline decoder_config gemma4_config(const gemma4_shape& shape) {
    expects(fault_in(shape).empty(), "gemma4_config: a shape without faults");
    decoder_config config{"gemma4",
                          shape.hidden,
                          shape.vocabulary,
                          shape.context,
                          shape.norm_epsilon,
                          shape.tied_head,
                          std::sqrt(static_cast<float>(shape.hidden)),
                          shape.logit_cap,
                          shape.layer_input,
                          {},
                          {}};
    for (std::size_t i = 0; i < shape.layers.size(); ++i) {
        const gemma4_layer_shape& from = shape.layers[i];
        const gemma4_rotary& angles = from.sees_all ? shape.full : shape.sliding;
        layer_traits layer;
        layer.layer = i;
        layer.hidden = shape.hidden;
        layer.heads = shape.heads;
        layer.key_value_heads = from.key_value_heads;
        layer.head_size = from.head_size;
        layer.mlp_width = from.mlp_width;
        layer.experts = shape.experts, layer.experts_used = shape.experts_used;
        layer.expert_width = shape.experts == 0 ? 0 : shape.expert_width;
        layer.layer_input = shape.layer_input;
        layer.norm_epsilon = shape.norm_epsilon;
        layer.attention_scale = 1.0F;
        layer.window = from.sees_all ? 0 : shape.window;
        layer.key_value_layer = *key_value_layer(shape, i);
        layer.values_from_keys = from.values_from_keys && layer.owns_key_values();
        layer.rotary_table = add_rotary_table(config, {from.head_size, angles.base, angles.factor, from.live_pairs});
        config.layers.push_back(layer);
    }
    return config;
}

}  // namespace unloop::inline v0

#endif
