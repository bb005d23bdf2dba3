// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Layer ablation: what a whole branch of a layer does for the objective, by replacing it with zero or with its mean.
#ifndef UNLOOP_ATTRIBUTE_LAYER_ABLATION_HPP
#define UNLOOP_ATTRIBUTE_LAYER_ABLATION_HPP

#include <unloop/attribute/exact_ablation.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <string_view>  // names
#include <vector>       // changes

namespace unloop::inline v0 {

/// What takes the place of a branch's output.
enum class ablation_kind : std::uint8_t {
    zero,  ///< nothing
    mean,  ///< the mean over the positions of the run
};

/// Change of the objective when one branch of one layer is replaced.
struct layer_change {
    std::int32_t layer = 0;
    double attention = 0;
    double feed_forward = 0;
};

namespace detail {

template <class Site>
struct replace_branch {
    std::int32_t layer;
    ablation_kind kind;
    void operator()(Site, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        std::vector<double> mean(values.columns());
        if (kind == ablation_kind::mean)
            for (std::size_t t = 0; t < values.rows(); ++t)
                for (std::size_t i = 0; i < mean.size(); ++i)
                    mean[i] += static_cast<double>(values[t][i]) / static_cast<double>(values.rows());
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (std::size_t i = 0; i < mean.size(); ++i) values[t][i] = static_cast<float>(mean[i]);
    }
};

}  // namespace detail

/// One entry a layer, in order. O(layers^2 * T).
template <class Model, class Objective, class Executor>
[[nodiscard]] std::vector<layer_change> layer_ablation(const Model& model, const recorded_run& run, ablation_kind kind,
                                                       const Objective& objective, Executor& executor) {
    const double unchanged = objective_of(run, objective);
    std::vector<layer_change> changes;
    for (std::size_t l = 0; l < model.config().layers.size(); ++l) {
        const auto layer = static_cast<std::int32_t>(l);
        detail::replace_branch<sites::attention_output> without_attention{layer, kind};
        detail::replace_branch<sites::mlp_output> without_feed_forward{layer, kind};
        const auto change = [&](auto& tap) {
            return detail::objectives_from(model.decoder(), run, 1, l, objective, executor, tap).front() - unchanged;
        };
        changes.push_back({layer, change(without_attention), change(without_feed_forward)});
    }
    return changes;
}

}  // namespace unloop::inline v0

#endif
