// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Gradient times activation: every target of every kind to first order, from one pass back.
#ifndef UNLOOP_ATTRIBUTE_GRADIENT_X_ACTIVATION_HPP
#define UNLOOP_ATTRIBUTE_GRADIENT_X_ACTIVATION_HPP

#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/attribute/positions.hpp>
#include <unloop/attribute/target_elements.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <cstdint>      // uint8_t
#include <string_view>  // name
#include <vector>       // masks

namespace unloop::inline v0 {

namespace detail {

/// Adds value times gradient of every target, at all target sites.
struct product_tap {
    const std::vector<std::uint8_t>& mask;
    target_scores& scores;

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, const_matrix_view values, matrix_view gradients) const {
        for_each_kind_at<Site>([&]<class Id>(target_kind<Id> kind) {
            add_products(kind, place, mask, values, gradients, scores.of<Id>(static_cast<std::size_t>(place.layer)));
        });
    }
};

}  // namespace detail

/// score = sum over positions of activation * d objective / d activation: the slope of the objective along the target's
/// factor, at 1 (Shrikumar et al., "Learning important features", 2017; Molchanov et al., 2017). Over all positions it
/// is minus the change to first order when the target is suppressed. Scores of all kinds can be compared. A forward and
/// a backward pass: a little more than three times a forward pass over the run.
template <class Positions = all_positions>
struct gradient_x_activation {
    static constexpr std::string_view name = "gradient_x_activation";

    Positions positions = {};
    kept_activations kept = kept_activations::residual;

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        target_scores scores(model.config());
        const std::vector<std::uint8_t> mask = mask_of(positions, run);
        detail::product_tap tap{mask, scores};
        no_tap none;
        objective_gradient(model.decoder(), run, kept).pass(objective, tap, executor, none);
        return scores;
    }
};

}  // namespace unloop::inline v0

#endif
