// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan sorted for taps: the edits of a layer are found at once, and layers without edits cost nothing.
#ifndef UNLOOP_EDIT_EDITS_BY_LAYER_HPP
#define UNLOOP_EDIT_EDITS_BY_LAYER_HPP

#include <unloop/core/expects.hpp>
#include <unloop/edit/plan.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // edits of a layer
#include <vector>     // edits

namespace unloop::inline v0 {

/// The edits of one plan by layer, in the plan's order within each. O(edits + layers) to make.
class edits_by_layer {
  public:
    edits_by_layer() = default;
    explicit edits_by_layer(const plan& edits) {
        std::int32_t layers = 0;
        for (const neuron_edit& edit : edits.edits) {
            expects(edit.target.layer >= 0 && edit.target.neuron >= 0, "plan: ids count from 0; see check_plan");
            layers = std::max(layers, edit.target.layer + 1);
        }
        layers_.resize(static_cast<std::size_t>(layers));
        for (const neuron_edit& edit : edits.edits)
            layers_[static_cast<std::size_t>(edit.target.layer)].push_back(edit);
    }

    /// O(1); empty for a layer without edits.
    [[nodiscard]] std::span<const neuron_edit> of(std::int32_t layer) const noexcept {
        const auto i = static_cast<std::size_t>(layer);
        return i < layers_.size() ? std::span<const neuron_edit>(layers_[i]) : std::span<const neuron_edit>();
    }
    /// One more than the highest edited layer.
    [[nodiscard]] std::size_t layers() const noexcept { return layers_.size(); }

  private:
    std::vector<std::vector<neuron_edit>> layers_;
};

/// Applies edits of one layer to the neurons of one token. A factor of 0 writes 0, also over infinity and NaN, as
/// weights of 0 would.
inline void edit_neurons(std::span<const neuron_edit> edits, std::span<float> neurons) noexcept {
    for (const neuron_edit& edit : edits) {
        const auto i = static_cast<std::size_t>(edit.target.neuron);
        expects(i < neurons.size(), "plan: the layer has fewer neurons; see check_plan");
        neurons[i] = edit.factor == 0.0F ? 0.0F : neurons[i] * edit.factor;
    }
}

}  // namespace unloop::inline v0

#endif
