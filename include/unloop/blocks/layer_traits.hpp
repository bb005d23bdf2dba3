// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What differs between the layers of one model, read from its file.
#ifndef UNLOOP_BLOCKS_LAYER_TRAITS_HPP
#define UNLOOP_BLOCKS_LAYER_TRAITS_HPP

#include <unloop/kernels/rotary.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// Shapes and choices of one layer. Layers of a model have one type; these are values.
struct layer_traits {
    std::size_t layer = 0;            ///< its place in the model
    std::size_t hidden = 0;           ///< width of the residual stream
    std::size_t heads = 0;            ///< query heads
    std::size_t key_value_heads = 0;  ///< divides `heads`
    std::size_t head_size = 0;        ///< channels of a head, even
    std::size_t mlp_width = 0;        ///< neurons of the dense MLP; 0: there is none
    std::size_t experts = 0;          ///< routed experts; 0: there are none
    std::size_t experts_used = 0;     ///< of them by one token, from 1 to `experts`
    std::size_t expert_width = 0;     ///< neurons of one expert
    std::size_t layer_input = 0;      ///< width of the input that the layer has of its own; 0: it has none
    float norm_epsilon = 0;
    float attention_scale = 0;        ///< factor of q.k
    std::size_t window = 0;           ///< positions that a query sees, itself included; 0: all
    std::size_t key_value_layer = 0;  ///< layer whose keys and values are used: its own, or one below
    bool values_from_keys = false;    ///< there is no value projection: values are the projected keys
    rotary_layout rotary_pairs = rotary_layout::halves;
    std::size_t rotary_table = 0;  ///< which of the model's tables of angles

    [[nodiscard]] constexpr bool owns_key_values() const noexcept { return key_value_layer == layer; }
    [[nodiscard]] constexpr std::size_t query_width() const noexcept { return heads * head_size; }
    [[nodiscard]] constexpr std::size_t key_value_width() const noexcept { return key_value_heads * head_size; }
};

}  // namespace unloop::inline v0

#endif
