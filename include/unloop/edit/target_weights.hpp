// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which weights a target is: the part of a parameter that is multiplied when the target is.
#ifndef UNLOOP_EDIT_TARGET_WEIGHTS_HPP
#define UNLOOP_EDIT_TARGET_WEIGHTS_HPP

#include <unloop/core/target.hpp>
#include <unloop/io/checkpoint.hpp>

#include <cstddef>  // size_t
#include <string>   // messages

namespace unloop::inline v0 {

/// Rows [row, row + rows) of a parameter, whole or only columns [column, column + columns).
struct target_weights {
    parameter_name parameter;
    std::size_t row = 0;
    std::size_t rows = 1;
    std::size_t column = 0;
    std::size_t columns = 0;  ///< 0: whole rows
    parameter_shape whole;    ///< extents that the parameter must have; 0: any
};

// weights_of(target, config, file): where the target lies; `check_plan` has found it in the model.

/// A row of `up`, never of `gate`: that one goes through the activation.
template <checkpoint_file Checkpoint>
[[nodiscard]] target_weights weights_of(neuron_id target, const decoder_config& config, const Checkpoint& /*file*/) {
    return {.parameter = {target.layer, parameter_role::up},
            .row = static_cast<std::size_t>(target.neuron),
            .whole = {.rows = config.layers[static_cast<std::size_t>(target.layer)].mlp_width}};
}

/// The factor that the model has for the expert, or else all of the expert's `down`.
template <checkpoint_file Checkpoint>
[[nodiscard]] target_weights weights_of(expert_id target, const decoder_config& config, const Checkpoint& file) {
    const layer_traits& layer = config.layers[static_cast<std::size_t>(target.layer)];
    const parameter_name factors{target.layer, parameter_role::expert_scale};
    if (file.find(locate(file, factors).tensor) != nullptr)
        return {.parameter = factors,
                .column = static_cast<std::size_t>(target.expert),
                .columns = 1,
                .whole = {.rows = 1, .columns = layer.experts}};
    return {.parameter = {target.layer, parameter_role::expert_down, target.expert},
            .rows = layer.hidden,
            .whole = {.rows = layer.hidden}};
}

/// A row of the expert's `up`.
template <checkpoint_file Checkpoint>
[[nodiscard]] target_weights weights_of(expert_neuron_id target, const decoder_config& config,
                                        const Checkpoint& /*file*/) {
    return {.parameter = {target.layer, parameter_role::expert_up, target.expert},
            .row = static_cast<std::size_t>(target.neuron),
            .whole = {.rows = config.layers[static_cast<std::size_t>(target.layer)].expert_width}};
}

/// Its columns of the output projection, of all rows.
template <checkpoint_file Checkpoint>
[[nodiscard]] target_weights weights_of(head_id target, const decoder_config& config, const Checkpoint& /*file*/) {
    const layer_traits& layer = config.layers[static_cast<std::size_t>(target.layer)];
    return {.parameter = {target.layer, parameter_role::attention_output},
            .rows = layer.hidden,
            .column = static_cast<std::size_t>(target.head) * layer.head_size,
            .columns = layer.head_size,
            .whole = {layer.hidden, layer.query_width()}};
}

}  // namespace unloop::inline v0

#endif
