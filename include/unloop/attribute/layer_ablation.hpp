// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Layer ablation: what a whole branch of a layer does for the objective, by putting something else in its place.
#ifndef UNLOOP_ATTRIBUTE_LAYER_ABLATION_HPP
#define UNLOOP_ATTRIBUTE_LAYER_ABLATION_HPP

#include <unloop/attribute/run_repeater.hpp>
#include <unloop/blocks/sites.hpp>

#include <algorithm>    // copy
#include <array>        // branches
#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <string_view>  // names
#include <utility>      // move
#include <vector>       // changes

namespace unloop::inline v0 {

/// Parts of a layer that write to the residual stream. Replaced is what comes out of them, before any norm behind.
enum class layer_branch : std::uint8_t {
    attention,
    feed_forward,  ///< all of it
    dense,         ///< the dense MLP, where experts stand beside it
    experts,       ///< the weighted sum of the chosen experts
};
inline constexpr std::size_t layer_branches = 4;

[[nodiscard]] constexpr std::string_view name_of(layer_branch branch) noexcept {
    constexpr std::array<std::string_view, layer_branches> names{"attention", "feed_forward", "dense", "experts"};
    return names[static_cast<std::size_t>(branch)];
}

/// What takes the place of a branch's output.
enum class ablation_kind : std::uint8_t {
    zero,      ///< nothing: the layer does without the branch; its keys and values are still stored
    mean,      ///< the mean over the positions of the source
    resample,  ///< what the branch put out in the source at the same position; a shorter source begins again
};

/// Change of the objective when one branch of one layer is replaced.
struct layer_change {
    std::int32_t layer = 0;
    double attention = 0;
    double feed_forward = 0;
    double dense = 0;    ///< 0 where the layer has no experts beside a dense MLP
    double experts = 0;  ///< 0 where it has none

    [[nodiscard]] double& of(layer_branch branch) noexcept {
        const std::array<double*, layer_branches> fields{&attention, &feed_forward, &dense, &experts};
        return *fields[static_cast<std::size_t>(branch)];
    }
};

namespace detail {

template <class Site>
inline constexpr std::size_t branch_number = std::same_as<Site, sites::attention_output> ? 0
                                             : std::same_as<Site, sites::mlp_output>     ? 1
                                             : std::same_as<Site, sites::dense_output>   ? 2
                                             : std::same_as<Site, sites::experts_output> ? 3
                                                                                         : layer_branches;
template <class Site>
concept branch_site = branch_number<Site> < layer_branches;

/// Outputs of all branches of a run, [branch][layer]: [T, hidden], or their mean.
struct branch_outputs {
    ablation_kind kind;
    std::array<std::vector<std::vector<float>>, layer_branches> values;

    branch_outputs(ablation_kind what, std::size_t layers) : kind(what) {
        for (auto& branch : values) branch.resize(layers);
    }
    template <branch_site Site>
    void operator()(Site, const tap_place& place, matrix_view from) {
        std::vector<float>& to = values[branch_number<Site>][static_cast<std::size_t>(place.layer)];
        if (kind == ablation_kind::resample) {
            to.assign(from.data(), from.data() + from.rows() * from.columns());
            return;
        }
        std::vector<double> sum(from.columns());
        for (std::size_t t = 0; t < from.rows(); ++t)
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(from[t][i]);
        to.clear();
        for (const double all : sum) to.push_back(static_cast<float>(all / static_cast<double>(from.rows())));
    }
};

/// Row r of the pass has its branch replaced: position t takes row t of `from`, which begins again where it ends.
struct replace_branch_a_row {
    struct replacement {
        std::size_t branch = 0;
        const_matrix_view from;
    };
    std::int32_t layer;
    std::vector<replacement> rows;

    template <branch_site Site>
    void operator()(Site, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < place.tokens.size(); ++t) {
            const replacement& row = rows[static_cast<std::size_t>(place.tokens[t].row)];
            if (row.branch != branch_number<Site>) continue;
            const auto from = row.from[static_cast<std::size_t>(place.tokens[t].position) % row.from.rows()];
            std::copy(from.begin(), from.end(), values[t].begin());
        }
    }
};

[[nodiscard]] inline std::vector<std::size_t> branches_of(const layer_traits& layer) {
    if (layer.experts == 0) return {0, 1};
    if (layer.mlp_width == 0) return {0, 1, 3};
    return {0, 1, 2, 3};
}

}  // namespace detail

/// One entry a layer, in order: each branch replaced by what it put out in `source`, at all positions. With a source
/// that is healthy, `mean` and `resample` keep what any text has there. Exact; O(layers^2 * T) for each branch.
/// Memory: for `resample` the outputs of all branches of the source, and the state of a pass of four rows.
template <class Model, class Objective, class Executor>
[[nodiscard]] std::vector<layer_change> layer_ablation(const Model& model, const recorded_run& run,
                                                       const recorded_run& source, ablation_kind kind,
                                                       const Objective& objective, Executor& executor) {
    require_decision_objective<Objective>();
    const decoder_config& config = model.config();
    detail::branch_outputs outputs(kind, config.layers.size());
    if (kind != ablation_kind::zero) {
        std::vector<batch_token> pass;
        append_row(pass, source, 0);
        decoder_state state(config, {1, source.length(), source.length(), source.decisions.size()});
        model.decoder().forward(state, pass, executor, outputs);
    }
    const std::vector<float> nothing(config.hidden);
    const double unchanged = objective_of(run, objective);
    run_repeater repeater(model.decoder(), run, layer_branches, run.length(), executor);
    std::vector<layer_change> changes(config.layers.size());
    for (std::size_t l = changes.size(); l-- > 0;) {
        changes[l].layer = static_cast<std::int32_t>(l);
        detail::replace_branch_a_row tap{changes[l].layer, {}};
        for (const std::size_t branch : detail::branches_of(config.layers[l])) {
            const std::vector<float>& from = kind == ablation_kind::zero ? nothing : outputs.values[branch][l];
            tap.rows.push_back({branch, {from.data(), from.size() / config.hidden, config.hidden}});
        }
        const auto values =
            repeater.values_of(std::span(&objective, 1), tap.rows.size(), {l, 0, run.length()}, executor, tap);
        for (std::size_t row = 0; row < values.size(); ++row)
            changes[l].of(static_cast<layer_branch>(tap.rows[row].branch)) = values[row] - unchanged;
    }
    return changes;
}

/// The same with the run itself as source: `zero`, or `mean` over its own positions.
template <class Model, class Objective, class Executor>
[[nodiscard]] std::vector<layer_change> layer_ablation(const Model& model, const recorded_run& run, ablation_kind kind,
                                                       const Objective& objective, Executor& executor) {
    expects(kind != ablation_kind::resample, "layer_ablation: a run resampled from itself is itself");
    return layer_ablation(model, run, run, kind, objective, executor);
}

}  // namespace unloop::inline v0

#endif
