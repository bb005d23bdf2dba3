// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Targets of every kind that a model has, drawn at random.
#ifndef UNLOOP_TESTS_EDIT_RANDOM_TARGETS_HPP
#define UNLOOP_TESTS_EDIT_RANDOM_TARGETS_HPP

#include <unloop/core/random.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/model/targets.hpp>

#include <vector>

namespace test {

/// Of a layer and kind drawn at random among those that the model has.
inline unloop::target_id random_target(const unloop::decoder_config& config, unloop::random_sequence& random) {
    for (;;) {
        const std::size_t layer = random.below(config.layers.size());
        const unloop::layer_dimensions dimensions = dimensions_of(config.layers[layer]);
        std::size_t kind = random.below(std::variant_size_v<unloop::target_id>);
        std::optional<unloop::target_id> drawn;
        unloop::for_each_target_kind([&]<class Id>(unloop::target_kind<Id>) {
            const std::size_t all = unloop::count_targets<Id>(dimensions);
            if (kind-- == 0 && all > 0) drawn = unloop::target_at<Id>(layer, random.below(all), dimensions);
        });
        if (drawn) return *drawn;
    }
}

/// `count` edits with factors drawn from `factors`.
inline unloop::plan random_targets(const unloop::decoder_config& config, std::uint64_t seed, std::size_t count,
                                   const std::vector<float>& factors) {
    unloop::random_sequence random(seed);
    unloop::plan made;
    for (std::size_t i = 0; i < count; ++i) {
        const unloop::target_id target = random_target(config, random);
        made.edits.push_back({target, factors[random.below(factors.size())]});
    }
    return made;
}

}  // namespace test

#endif
