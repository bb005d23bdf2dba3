// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Controls of a plan: the same layers and factors on other neurons that are as strong, drawn by chance.
#ifndef UNLOOP_EVALUATE_MATCHED_CONTROLS_HPP
#define UNLOOP_EVALUATE_MATCHED_CONTROLS_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/evaluate/neuron_strength.hpp>

#include <algorithm>  // find, min, stable_sort
#include <cstddef>    // size_t, ptrdiff_t
#include <cstdint>    // int32_t
#include <map>        // stand-ins
#include <numeric>    // iota
#include <span>       // strengths of a layer
#include <string>     // notes
#include <vector>     // plans

namespace unloop::inline v0 {

struct control_options {
    std::size_t draws = 4;
    std::size_t nearest = 16;  ///< each stand-in is drawn from this many nearest in rank
    std::uint64_t seed = 0;
};

namespace detail {

/// Neurons of one layer that may stand in for edited ones, by strength.
class stand_ins {
  public:
    stand_ins(std::span<const float> strengths, const std::vector<std::int32_t>& edited) : rank_(strengths.size()) {
        std::vector<std::size_t> order(strengths.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return strengths[a] > strengths[b]; });
        for (std::size_t r = 0; r < order.size(); ++r) rank_[order[r]] = r;
        for (const std::size_t neuron : order)
            if (std::find(edited.begin(), edited.end(), static_cast<std::int32_t>(neuron)) == edited.end())
                free_.push_back(neuron);
    }

    /// Takes away and returns one of the `nearest` free neurons by distance in rank. There is a free one.
    std::int32_t take(std::int32_t edited, std::size_t nearest, random_sequence& random) {
        const std::size_t place = rank_[static_cast<std::size_t>(edited)];
        const auto distance = [&](std::size_t k) {
            const std::size_t rank = rank_[free_[k]];
            return rank > place ? rank - place : place - rank;
        };
        std::vector<std::size_t> by_distance(free_.size());
        std::iota(by_distance.begin(), by_distance.end(), std::size_t{0});
        std::stable_sort(by_distance.begin(), by_distance.end(),
                         [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
        const std::size_t chosen = by_distance[random.below(std::min(nearest, by_distance.size()))];
        const auto neuron = static_cast<std::int32_t>(free_[chosen]);
        free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(chosen));
        return neuron;
    }
    [[nodiscard]] bool empty() const noexcept { return free_.empty(); }

  private:
    std::vector<std::size_t> rank_;  // by neuron; 0 is the strongest
    std::vector<std::size_t> free_;  // strongest first
};

[[nodiscard]] inline plan draw_control(const plan& edited, const neuron_strengths& strengths, std::size_t nearest,
                                       random_sequence random) {
    std::map<std::int32_t, std::vector<std::int32_t>> targets;
    for (const neuron_edit& edit : edited.edits) targets[edit.target.layer].push_back(edit.target.neuron);
    std::map<std::int32_t, stand_ins> layers;
    std::map<neuron_id, std::int32_t> chosen;
    plan control;
    for (const neuron_edit& edit : edited.edits) {
        const auto layer = static_cast<std::size_t>(edit.target.layer);
        expects(layer < strengths.size() && static_cast<std::size_t>(edit.target.neuron) < strengths[layer].size(),
                "matched_controls: a strength for every neuron of the plan's layers");
        stand_ins& free =
            layers.try_emplace(edit.target.layer, strengths[layer], targets[edit.target.layer]).first->second;
        if (!chosen.contains(edit.target)) {
            if (free.empty())
                throw error("layer " + std::to_string(layer) +
                            " has too few neurons beside the edited ones for a control");
            chosen[edit.target] = free.take(edit.target.neuron, nearest, random);
        }
        control.edits.push_back({{edit.target.layer, chosen[edit.target]}, edit.factor});
    }
    return control;
}

}  // namespace detail

/// `draws` plans like `edited`, edit by edit: same layer, same factor, another neuron, drawn from the `nearest` in rank
/// of strength among those that the plan does not edit and this control has not taken. A control that equals an earlier
/// one is drawn again, a bounded number of times. The seed decides everything. What the edit does and its controls do
/// not is owed to the choice of neurons, and not to the size of the change. Throws `error` when a layer has too few
/// neurons left. O(draws x edits x width log width).
[[nodiscard]] inline std::vector<plan> matched_controls(const plan& edited, const neuron_strengths& strengths,
                                                        const control_options& options = {}) {
    expects(options.nearest > 0, "matched_controls: at least one neuron to draw from");
    constexpr std::size_t most_attempts = 64;
    std::vector<plan> controls;
    for (std::size_t draw = 0; draw < options.draws; ++draw) {
        plan control;
        const auto is_new = [&] {
            return std::none_of(controls.begin(), controls.end(),
                                [&](const plan& earlier) { return earlier.edits == control.edits; });
        };
        for (std::size_t attempt = 0; attempt == 0 || (attempt < most_attempts && !is_new()); ++attempt)
            control = detail::draw_control(edited, strengths, options.nearest,
                                           random_sequence(options.seed, draw + attempt * options.draws));
        controls.push_back(std::move(control));
        controls.back().note = "control " + std::to_string(draw + 1) + " of " + std::to_string(options.draws) +
                               ", matched by strength, seed " + std::to_string(options.seed);
    }
    return controls;
}

}  // namespace unloop::inline v0

#endif
