// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which targets a model has: how many of each kind in a layer, and their order.
#ifndef UNLOOP_MODEL_TARGETS_HPP
#define UNLOOP_MODEL_TARGETS_HPP

#include <unloop/core/target.hpp>
#include <unloop/model/decoder_config.hpp>

#include <array>        // extents
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <string_view>  // names
#include <vector>       // layers

namespace unloop::inline v0 {

/// How many targets one layer has; a plan carries these for the model that it was made for.
struct layer_dimensions {
    std::size_t mlp_width = 0;     ///< neurons of the dense MLP
    std::size_t experts = 0;       ///< routed experts
    std::size_t experts_used = 0;  ///< of them by one token
    std::size_t expert_width = 0;  ///< neurons of one expert
    std::size_t heads = 0;         ///< query heads of the attention
    std::size_t head_size = 0;     ///< channels of one head
    friend bool operator==(const layer_dimensions&, const layer_dimensions&) = default;
};

/// A member of `layer_dimensions`: what messages and files call it.
struct named_dimension {
    std::string_view name;  ///< "MLP width"
    std::string_view key;   ///< "mlp_width"
    std::size_t layer_dimensions::*value;
    bool may_be_untold = false;  ///< no model has 0 of it: a plan from before heads were targets does not tell it
};
inline constexpr std::array<named_dimension, 6> named_dimensions{
    {{"MLP width", "mlp_width", &layer_dimensions::mlp_width},
     {"number of experts", "experts", &layer_dimensions::experts},
     {"experts of a token", "experts_used", &layer_dimensions::experts_used},
     {"expert width", "expert_width", &layer_dimensions::expert_width},
     {"number of heads", "heads", &layer_dimensions::heads, true},
     {"head size", "head_size", &layer_dimensions::head_size, true}}};

[[nodiscard]] inline layer_dimensions dimensions_of(const layer_traits& layer) noexcept {
    return {layer.mlp_width, layer.experts, layer.experts_used, layer.expert_width, layer.heads, layer.head_size};
}
[[nodiscard]] inline std::vector<layer_dimensions> dimensions_of(const decoder_config& config) {
    std::vector<layer_dimensions> layers;
    for (const layer_traits& layer : config.layers) layers.push_back(dimensions_of(layer));
    return layers;
}

/// How many values each number of an id has behind the layer.
[[nodiscard]] constexpr std::array<std::size_t, 1> target_extents(target_kind<neuron_id> /*kind*/,
                                                                  const layer_dimensions& layer) noexcept {
    return {layer.mlp_width};
}
[[nodiscard]] constexpr std::array<std::size_t, 1> target_extents(target_kind<expert_id> /*kind*/,
                                                                  const layer_dimensions& layer) noexcept {
    return {layer.experts};
}
[[nodiscard]] constexpr std::array<std::size_t, 2> target_extents(target_kind<expert_neuron_id> /*kind*/,
                                                                  const layer_dimensions& layer) noexcept {
    return {layer.experts, layer.expert_width};
}
[[nodiscard]] constexpr std::array<std::size_t, 1> target_extents(target_kind<head_id> /*kind*/,
                                                                  const layer_dimensions& layer) noexcept {
    return {layer.heads};
}

/// Targets of one kind in a layer.
template <target_type Id>
[[nodiscard]] constexpr std::size_t count_targets(const layer_dimensions& layer) noexcept {
    std::size_t product = 1;
    for (const std::size_t extent : target_extents(target_kind<Id>{}, layer)) product *= extent;
    return product;
}

/// Place of a target among those of its kind in its layer, from 0; the last number runs fastest.
template <target_type Id>
[[nodiscard]] constexpr std::size_t place_of(const Id& id, const layer_dimensions& layer) noexcept {
    const auto extents = target_extents(target_kind<Id>{}, layer);
    std::size_t place = 0;
    for (std::size_t i = 0; i < extents.size(); ++i)
        place = place * extents[i] + static_cast<std::size_t>(id.*target_kind<Id>::fields[i + 1].number);
    return place;
}

/// The target at `place`; `index` is the layer's own.
template <target_type Id>
[[nodiscard]] constexpr Id target_at(std::size_t index, std::size_t place, const layer_dimensions& layer) noexcept {
    const auto extents = target_extents(target_kind<Id>{}, layer);
    Id id;
    id.layer = static_cast<std::int32_t>(index);
    for (std::size_t i = extents.size(); i-- > 0; place /= extents[i])
        id.*target_kind<Id>::fields[i + 1].number = static_cast<std::int32_t>(place % extents[i]);
    return id;
}

}  // namespace unloop::inline v0

#endif
