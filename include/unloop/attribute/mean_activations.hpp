// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Mean activations of all targets over texts: the baseline from which a path of gradients begins.
#ifndef UNLOOP_ATTRIBUTE_MEAN_ACTIVATIONS_HPP
#define UNLOOP_ATTRIBUTE_MEAN_ACTIVATIONS_HPP

#include <unloop/attribute/loop_and_healthy.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/target_elements.hpp>
#include <unloop/blocks/target_site.hpp>

#include <array>    // kinds
#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <span>     // values
#include <variant>  // variant_size
#include <vector>   // sums

namespace unloop::inline v0 {

/// A tap: run healthy texts with it (`trace(model, tokens, {}, means)`), then ask; or add recorded positions. Experts
/// and their neurons are averaged over the tokens that chose them. Nothing seen: 0.
class mean_activations {
  public:
    explicit mean_activations(std::size_t layers) {
        for (auto& kind : sums_) kind.resize(layers);
    }

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, matrix_view values) {
        for_each_kind_at<Site>([&]<class Id>(target_kind<Id> kind) {
            for (std::size_t row = 0; row < values.rows(); ++row)
                for (std::size_t column = 0; column < values.columns(); ++column)
                    add<Id>(static_cast<std::size_t>(place.layer),
                            element_of(kind, place, row, column, values.columns()), values[row][column]);
        });
    }

    /// One position of a recorded run.
    void add(const recorded_run& run, std::size_t position) {
        for (std::size_t layer = 0; layer < sums_.front().size(); ++layer) {
            add_all<neuron_id>(layer, 0, run.neurons_of(layer)[position]);
            add_all<head_id>(layer, 0, run.heads_of(layer)[position]);
            run.for_each_chosen(layer, position,
                                [&](std::int32_t expert, float weight, std::span<const float> neurons) {
                                    const auto e = static_cast<std::size_t>(expert);
                                    add<expert_id>(layer, e, weight);
                                    add_all<expert_neuron_id>(layer, e * neurons.size(), neurons);
                                });
        }
    }

    /// Of one element of a kind, see `element_of`.
    template <target_type Id>
    [[nodiscard]] float mean(std::size_t layer, std::size_t element) const noexcept {
        const std::vector<sum>& of = sums_[target_id(Id{}).index()][layer];
        return element < of.size() && of[element].count > 0 ? static_cast<float>(of[element].total / of[element].count)
                                                            : 0.0F;
    }

  private:
    struct sum {
        double total = 0, count = 0;
    };

    template <target_type Id>
    void add(std::size_t layer, std::size_t element, float value) {
        std::vector<sum>& of = sums_[target_id(Id{}).index()][layer];
        if (element >= of.size()) of.resize(element + 1);
        of[element].total += static_cast<double>(value);
        of[element].count += 1;
    }
    template <target_type Id>
    void add_all(std::size_t layer, std::size_t first, std::span<const float> values) {
        for (std::size_t i = 0; i < values.size(); ++i) add<Id>(layer, first + i, values[i]);
    }

    std::array<std::vector<std::vector<sum>>, std::variant_size_v<target_id>> sums_;
};
static_assert(activation_tap<mean_activations>);

/// Over the healthy positions of a recorded run itself, see `for_each_healthy_position`.
[[nodiscard]] inline mean_activations healthy_means(const recorded_run& run, std::size_t layers) {
    mean_activations means(layers);
    for_each_healthy_position(run, {}, [&](const recorded_run& of, std::size_t t) { means.add(of, t); });
    return means;
}

}  // namespace unloop::inline v0

#endif
