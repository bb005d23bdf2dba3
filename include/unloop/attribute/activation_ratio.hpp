// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Loop against healthy: how much louder a target is inside the loop than elsewhere.
#ifndef UNLOOP_ATTRIBUTE_ACTIVATION_RATIO_HPP
#define UNLOOP_ATTRIBUTE_ACTIVATION_RATIO_HPP

#include <unloop/attribute/loop_and_healthy.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <algorithm>    // max
#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <span>         // healthy runs
#include <string_view>  // name

namespace unloop::inline v0 {

namespace detail {

/// Sums of squared activations over positions, and in how many of them each target was at work.
struct activation_squares {
    target_scores sums, counts;

    explicit activation_squares(const decoder_config& config) : sums(config), counts(config) {}

    void add(const recorded_run& run, std::size_t layer, std::size_t position) {
        for_each_activation(run, sums.dimensions(layer), layer, position,
                            [&](const auto& id, double activation, double /*weight*/) {
                                sums[id] += activation * activation;
                                counts[id] += 1;
                            });
    }
};

}  // namespace detail

/// score = mean squared activation inside the loop / (mean squared activation in healthy text + a thousandth of the
/// mean of the latter over the targets of the kind in the layer, so that rarely used targets don't explode). The
/// activation of an expert is its weight, over all positions, 0 where it was not chosen; that of a head the norm of
/// what it took from the values. Of the neurons of an expert only the tokens count that chose it, so that a neuron is
/// not loud because its expert is chosen often. Looks at activations alone: a target may be loud because of the loop
/// instead of behind it, and small ratios say nothing. O(width * positions).
struct activation_ratio {
    static constexpr std::string_view name = "activation_ratio";
    std::span<const recorded_run> healthy = {};  ///< must outlive it; none: the run's own answer before the loop

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& /*objective*/,
                                      Executor& executor) const {
        target_scores scores(model.config());
        detail::activation_squares loop(model.config()), rest(model.config());
        executor.for_each(scores.layers(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t l = first; l < last; ++l) {
                double loop_positions = 0, rest_positions = 0;
                for_each_loop_position(run, [&](const recorded_run& of, std::size_t t) {
                    loop.add(of, l, t);
                    ++loop_positions;
                });
                for_each_healthy_position(run, healthy, [&](const recorded_run& of, std::size_t t) {
                    rest.add(of, l, t);
                    ++rest_positions;
                });
                for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
                    divide<Id>(loop, loop_positions, rest, rest_positions, l, scores);
                });
            }
        });
        return scores;
    }

  private:
    template <class Id>
    static double mean_of(const detail::activation_squares& of, double positions, std::size_t l, std::size_t i) {
        const double count = std::same_as<Id, expert_neuron_id> ? of.counts.of<Id>(l)[i] : positions;
        return of.sums.of<Id>(l)[i] / std::max(count, 1.0);
    }
    template <class Id>
    static void divide(const detail::activation_squares& loop, double loop_positions,
                       const detail::activation_squares& rest, double rest_positions, std::size_t l,
                       target_scores& scores) {
        std::vector<double>& ratios = scores.of<Id>(l);
        double sum = 0;
        for (std::size_t i = 0; i < ratios.size(); ++i) sum += mean_of<Id>(rest, rest_positions, l, i);
        const double least = std::max(1e-3 * sum / static_cast<double>(std::max<std::size_t>(ratios.size(), 1)), 1e-30);
        for (std::size_t i = 0; i < ratios.size(); ++i)
            ratios[i] = mean_of<Id>(loop, loop_positions, l, i) / (mean_of<Id>(rest, rest_positions, l, i) + least);
    }
};

}  // namespace unloop::inline v0

#endif
