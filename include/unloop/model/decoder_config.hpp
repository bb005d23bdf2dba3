// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The shape of a decoder, as read from a file: sizes of the whole, traits of each layer.
#ifndef UNLOOP_MODEL_DECODER_CONFIG_HPP
#define UNLOOP_MODEL_DECODER_CONFIG_HPP

#include <unloop/blocks/layer_traits.hpp>
#include <unloop/blocks/rotary_table.hpp>
#include <unloop/blocks/token_embedding.hpp>

#include <algorithm>  // min
#include <cstddef>    // size_t
#include <string>     // family
#include <vector>     // layers

namespace unloop::inline v0 {

struct decoder_config {
    std::string family;  ///< architecture as the file names it
    std::size_t hidden = 0;
    std::size_t vocabulary = 0;
    std::size_t context = 0;       ///< positions that the model was trained for
    float norm_epsilon = 0;        ///< of the final norm
    bool tied_head = false;        ///< the head is the embedding's table
    float embedding_scale = 1.0F;  ///< factor of the embedding where it enters the stream
    float logit_cap = 0;           ///< logits become cap * tanh(logit / cap); 0: they stay
    std::size_t layer_input = 0;   ///< width of each layer's own input; 0: layers have none
    std::vector<layer_traits> layers;
    std::vector<rotary_spec> rotary_tables;

    [[nodiscard]] embedding_traits embedding() const noexcept {
        return {vocabulary, hidden, layers.size(), layer_input, embedding_scale, norm_epsilon};
    }
    /// Where a pass over empty caches must begin so that no layer from `layer` on reads keys that were never stored.
    [[nodiscard]] std::size_t lowest_read(std::size_t layer) const noexcept {
        for (std::size_t i = layers.size(); i-- > layer;) layer = std::min(layer, layers[i].key_value_layer);
        return layer;
    }
    /// Dense MLP neurons of all layers.
    [[nodiscard]] std::size_t neurons() const noexcept {
        std::size_t sum = 0;
        for (const layer_traits& layer : layers) sum += layer.mlp_width;
        return sum;
    }
    /// Query heads of all layers.
    [[nodiscard]] std::size_t heads() const noexcept {
        std::size_t sum = 0;
        for (const layer_traits& layer : layers) sum += layer.heads;
        return sum;
    }
    /// Routed experts of all layers ("expert slots").
    [[nodiscard]] std::size_t expert_slots() const noexcept {
        std::size_t sum = 0;
        for (const layer_traits& layer : layers) sum += layer.experts;
        return sum;
    }
    /// Neurons of all routed experts of all layers.
    [[nodiscard]] std::size_t expert_neurons() const noexcept {
        std::size_t sum = 0;
        for (const layer_traits& layer : layers) sum += layer.experts * layer.expert_width;
        return sum;
    }
};

}  // namespace unloop::inline v0

#endif
