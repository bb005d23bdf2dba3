// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Does a plan fit a model? Asked before anything is edited.
#ifndef UNLOOP_EDIT_CHECK_PLAN_HPP
#define UNLOOP_EDIT_CHECK_PLAN_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/model/decoder_config.hpp>

#include <cmath>    // isfinite
#include <cstddef>  // size_t
#include <span>     // widths
#include <string>   // messages
#include <vector>   // widths

namespace unloop::inline v0 {

/// Throws `error` naming the first target outside a model whose layers have `widths` neurons ("neuron 3.9999: layer 3
/// has 1536 neurons"), or whose factor is not finite. O(edits).
inline void check_plan(const plan& edits, std::span<const std::size_t> widths) {
    for (const neuron_edit& edit : edits.edits) {
        const std::string target = "neuron " + detail::dotted(edit.target) + ": ";
        const auto layer = static_cast<std::size_t>(edit.target.layer);
        if (edit.target.layer < 0 || layer >= widths.size())
            throw error(target + "the model has " + std::to_string(widths.size()) + " layers");
        if (edit.target.neuron < 0 || static_cast<std::size_t>(edit.target.neuron) >= widths[layer])
            throw error(target + "layer " + std::to_string(layer) + " has " + std::to_string(widths[layer]) +
                        " neurons");
        if (!std::isfinite(edit.factor)) throw error(target + "the factor must be finite");
    }
}
inline void check_plan(const plan& edits, const decoder_config& config) {
    std::vector<std::size_t> widths;
    for (const layer_traits& layer : config.layers) widths.push_back(layer.mlp_width);
    check_plan(edits, widths);
}

}  // namespace unloop::inline v0

#endif
