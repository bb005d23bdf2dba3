// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Roles and slots of a model's parameters, as its one visitor hands them out.
#ifndef UNLOOP_BLOCKS_PARAMETER_HPP
#define UNLOOP_BLOCKS_PARAMETER_HPP

#include <unloop/tensor/weight_view.hpp>

#include <array>        // the table
#include <compare>      // names are ordered
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t, int32_t
#include <span>         // vectors
#include <string_view>  // names

namespace unloop::inline v0 {

/// What a parameter is for. Names in files are resolved from (role, layer, expert) by the file's own table, which lists
/// them in this order.
enum class parameter_role : std::uint8_t {
    embedding,
    layer_input_embedding,   ///< of all layers, side by side
    layer_input_projection,  ///< from the embedding to the inputs of all layers
    layer_input_norm,
    attention_norm,
    query,
    key,
    value,
    query_norm,
    key_norm,
    attention_output,
    attention_output_norm,
    feed_forward_norm,
    gate,
    up,
    down,
    dense_output_norm,
    router_scale,  ///< one factor a channel of the router's input
    router,
    expert_scale,  ///< one factor an expert
    expert_norm,   ///< in front of the experts
    expert_gate,   ///< from here on one of each an expert
    expert_up,
    expert_down,
    expert_output_norm,
    feed_forward_output_norm,
    layer_gate,        ///< from the stream to the layer's input
    layer_projection,  ///< and back
    layer_output_norm,
    layer_scale,
    final_norm,
    head,
};
inline constexpr std::size_t parameter_roles = 32;

[[nodiscard]] constexpr std::string_view name_of(parameter_role role) noexcept {
    constexpr std::array<std::string_view, parameter_roles> names{"embedding",
                                                                  "layer_input_embedding",
                                                                  "layer_input_projection",
                                                                  "layer_input_norm",
                                                                  "attention_norm",
                                                                  "query",
                                                                  "key",
                                                                  "value",
                                                                  "query_norm",
                                                                  "key_norm",
                                                                  "attention_output",
                                                                  "attention_output_norm",
                                                                  "feed_forward_norm",
                                                                  "gate",
                                                                  "up",
                                                                  "down",
                                                                  "dense_output_norm",
                                                                  "router_scale",
                                                                  "router",
                                                                  "expert_scale",
                                                                  "expert_norm",
                                                                  "expert_gate",
                                                                  "expert_up",
                                                                  "expert_down",
                                                                  "expert_output_norm",
                                                                  "feed_forward_output_norm",
                                                                  "layer_gate",
                                                                  "layer_projection",
                                                                  "layer_output_norm",
                                                                  "layer_scale",
                                                                  "final_norm",
                                                                  "head"};
    return names[static_cast<std::size_t>(role)];
}

/// Name of a parameter within a layer; `expert` is -1 where there is one for the whole layer.
struct layer_parameter {
    constexpr layer_parameter(parameter_role for_what, std::int32_t of_expert = -1) noexcept
        : role(for_what), expert(of_expert) {}
    parameter_role role;
    std::int32_t expert;
};

/// Name of a parameter in a whole model; `layer` is -1 outside the layers.
struct parameter_name {
    std::int32_t layer = -1;
    parameter_role role{};
    std::int32_t expert = -1;
    friend constexpr auto operator<=>(const parameter_name&, const parameter_name&) = default;
};

/// Extents that a parameter must have; a vector has one row.
struct parameter_shape {
    std::size_t rows = 0;
    std::size_t columns = 0;
    friend constexpr bool operator==(const parameter_shape&, const parameter_shape&) = default;
};

/// A matrix stays in the format of its file; a small vector is float32.
using matrix_parameter = weight_view;
using vector_parameter = std::span<const float>;

/// What a visitor of a layer's parameters must take: `visit(name, shape, slot)` for both kinds of slot.
template <class Visitor>
concept parameter_visitor =
    requires(Visitor& visit, layer_parameter name, parameter_shape shape, matrix_parameter& m, vector_parameter& v) {
        visit(name, shape, m);
        visit(name, shape, v);
    };

}  // namespace unloop::inline v0

#endif
