// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What one layer computed, site by site: what its backward pass reads.
#ifndef UNLOOP_BLOCKS_LAYER_RECORD_HPP
#define UNLOOP_BLOCKS_LAYER_RECORD_HPP

#include <unloop/blocks/scratch.hpp>
#include <unloop/blocks/sites.hpp>
#include <unloop/blocks/tap.hpp>

#include <algorithm>  // copy
#include <array>      // sites
#include <concepts>   // same_as
#include <cstdint>    // int32_t
#include <span>       // choices

namespace unloop::inline v0 {

/// Values of every site of a layer, behind any tap; views of somebody's scratch.
struct layer_record {
    std::array<matrix_view, sites::count> by_site = {};
    std::span<const std::int32_t> chosen = {};  ///< [tokens, experts used]

    /// Empty where the layer has no such site.
    template <class Site>
    [[nodiscard]] matrix_view values() const noexcept {
        return by_site[sites::number<Site>];
    }
};

/// The tap that fills it: stands last in a pack, so that it sees what the model computes with.
struct layer_recorder {
    scratch_stack& scratch;
    layer_record& record;

    // The sites that are there to be read have no gradient.
    template <class Site>
        requires(Site::every_layer && !std::same_as<Site, sites::router_probabilities> &&
                 !std::same_as<Site, sites::attention_keys> && !std::same_as<Site, sites::attention_queries>)
    void operator()(Site, const tap_place& place, matrix_view values) const {
        record.by_site[sites::number<Site>] = scratch.copy(values);
        if constexpr (std::same_as<Site, sites::expert_weights>) {
            const std::span<std::int32_t> chosen = scratch.take<std::int32_t>(place.experts.size());
            std::copy(place.experts.begin(), place.experts.end(), chosen.begin());
            record.chosen = chosen;
        }
    }
};

}  // namespace unloop::inline v0

#endif
