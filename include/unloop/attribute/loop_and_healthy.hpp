// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a loop is compared with: positions inside it, and healthy positions of the same run or of others.
#ifndef UNLOOP_ATTRIBUTE_LOOP_AND_HEALTHY_HPP
#define UNLOOP_ATTRIBUTE_LOOP_AND_HEALTHY_HPP

#include <unloop/attribute/positions.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/model/targets.hpp>

#include <algorithm>  // min
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // runs

namespace unloop::inline v0 {

/// Calls `visit(run, position)` for every position inside the loop; the last one where none is.
template <class Visitor>
void for_each_loop_position(const recorded_run& run, const Visitor& visit) {
    for (std::size_t t = std::min(run.onset, run.length() - 1); t < run.length(); ++t) visit(run, t);
}

/// Calls `visit(run, position)` for every position of the answers of `healthy`; without any for those of the run's own
/// answer before the second copy, or, where there are none, for the first one.
template <class Visitor>
void for_each_healthy_position(const recorded_run& run, std::span<const recorded_run> healthy, const Visitor& visit) {
    for (const recorded_run& other : healthy)
        for (std::size_t t = other.prompt_tokens; t < other.length(); ++t) visit(other, t);
    if (!healthy.empty()) return;
    const std::size_t onset = std::min(run.onset, run.length() - 1);
    if (run.prompt_tokens >= onset) return visit(run, 0);
    for (std::size_t t = run.prompt_tokens; t < onset; ++t) visit(run, t);
}

/// Calls `visit(id, activation, weight)` for the targets of one layer that are at work at one position: dense neurons;
/// heads, with the Euclidean norm of what they took from the values; chosen experts, with the factor of their output;
/// the neurons of chosen experts, whose weight is that factor. The weight of all others is 1.
template <class Visitor>
void for_each_activation(const recorded_run& run, const layer_dimensions& dimensions, std::size_t layer,
                         std::size_t position, const Visitor& visit) {
    const auto index = static_cast<std::int32_t>(layer);
    const auto neurons = run.neurons_of(layer)[position];
    for (std::size_t j = 0; j < neurons.size(); ++j)
        visit(neuron_id{index, static_cast<std::int32_t>(j)}, static_cast<double>(neurons[j]), 1.0);
    const auto channels = run.heads_of(layer)[position];
    for (std::size_t h = 0; h < count_targets<head_id>(dimensions); ++h) {
        double squares = 0;
        for (const float value : channels.subspan(h * dimensions.head_size, dimensions.head_size))
            squares += static_cast<double>(value) * static_cast<double>(value);
        visit(head_id{index, static_cast<std::int32_t>(h)}, std::sqrt(squares), 1.0);
    }
    run.for_each_chosen(layer, position, [&](std::int32_t expert, float weight, std::span<const float> inner) {
        visit(expert_id{index, expert}, static_cast<double>(weight), 1.0);
        for (std::size_t j = 0; j < inner.size(); ++j)
            visit(expert_neuron_id{index, expert, static_cast<std::int32_t>(j)}, static_cast<double>(inner[j]),
                  static_cast<double>(weight));
    });
}

}  // namespace unloop::inline v0

#endif
