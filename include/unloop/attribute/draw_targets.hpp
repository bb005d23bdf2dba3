// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Targets drawn evenly over layers, so that what is estimated on them holds for the whole model.
#ifndef UNLOOP_ATTRIBUTE_DRAW_TARGETS_HPP
#define UNLOOP_ATTRIBUTE_DRAW_TARGETS_HPP

#include <unloop/core/random.hpp>
#include <unloop/model/targets.hpp>

#include <algorithm>  // min, sort
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <span>       // layers
#include <utility>    // swap
#include <vector>     // targets

namespace unloop::inline v0 {

/// `count` different targets of one kind, evenly over the layers that have any; fewer where layers have fewer.
/// Ascending; the seed decides everything. O(targets).
template <target_type Id>
[[nodiscard]] std::vector<Id> draw_evenly(std::span<const layer_dimensions> model, std::size_t count,
                                          std::uint64_t seed) {
    std::vector<std::size_t> layers;
    for (std::size_t l = 0; l < model.size(); ++l)
        if (count_targets<Id>(model[l]) > 0) layers.push_back(l);
    std::vector<Id> drawn;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::size_t l = layers[i], all = count_targets<Id>(model[l]);
        const std::size_t share = std::min(all, count * (i + 1) / layers.size() - count * i / layers.size());
        std::vector<std::size_t> places(all);
        for (std::size_t place = 0; place < all; ++place) places[place] = place;
        random_sequence random(seed, l);
        for (std::size_t k = 0; k < share; ++k) {
            std::swap(places[k], places[k + random.below(all - k)]);
            drawn.push_back(target_at<Id>(l, places[k], model[l]));
        }
    }
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

}  // namespace unloop::inline v0

#endif
