// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Scores of all neurons of a model, and what is read off them: the best, and a neuron's rank.
#ifndef UNLOOP_ATTRIBUTE_NEURON_SCORES_HPP
#define UNLOOP_ATTRIBUTE_NEURON_SCORES_HPP

#include <unloop/core/ids.hpp>
#include <unloop/model/decoder_config.hpp>

#include <algorithm>  // partial_sort
#include <cmath>      // abs
#include <cstddef>    // size_t
#include <vector>     // scores

namespace unloop::inline v0 {

/// One number a neuron, [layer][neuron]; larger magnitude: more to do with the loop. The sign is the method's.
class neuron_scores {
  public:
    explicit neuron_scores(const decoder_config& config) {
        for (const layer_traits& layer : config.layers) values_.emplace_back(layer.mlp_width);
    }

    [[nodiscard]] std::size_t layers() const noexcept { return values_.size(); }
    [[nodiscard]] std::vector<double>& layer(std::size_t i) noexcept { return values_[i]; }
    [[nodiscard]] const std::vector<double>& layer(std::size_t i) const noexcept { return values_[i]; }
    [[nodiscard]] double operator[](neuron_id id) const noexcept {
        return values_[static_cast<std::size_t>(id.layer)][static_cast<std::size_t>(id.neuron)];
    }

    neuron_scores& operator+=(const neuron_scores& other) {
        for (std::size_t l = 0; l < values_.size(); ++l)
            for (std::size_t j = 0; j < values_[l].size(); ++j) values_[l][j] += other.values_[l][j];
        return *this;
    }
    neuron_scores& operator/=(double divisor) {
        for (auto& layer : values_)
            for (double& value : layer) value /= divisor;
        return *this;
    }

    /// The `count` neurons of largest magnitude, best first; ties go to the lower id. O(n log count).
    [[nodiscard]] std::vector<neuron_id> best_neurons(std::size_t count) const {
        std::vector<neuron_id> all;
        for (std::size_t l = 0; l < values_.size(); ++l)
            for (std::size_t j = 0; j < values_[l].size(); ++j)
                all.push_back({static_cast<std::int32_t>(l), static_cast<std::int32_t>(j)});
        count = std::min(count, all.size());
        std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                          [&](neuron_id a, neuron_id b) {
                              const double left = std::abs((*this)[a]), right = std::abs((*this)[b]);
                              return left != right ? left > right : a < b;
                          });
        all.resize(count);
        return all;
    }

    /// 1 for the neuron of largest magnitude. O(n).
    [[nodiscard]] std::size_t rank_of(neuron_id id) const {
        const double own = std::abs((*this)[id]);
        std::size_t better = 0;
        for (std::size_t l = 0; l < values_.size(); ++l)
            for (std::size_t j = 0; j < values_[l].size(); ++j) {
                const neuron_id other{static_cast<std::int32_t>(l), static_cast<std::int32_t>(j)};
                const double value = std::abs(values_[l][j]);
                better += value > own || (value == own && other < id);
            }
        return better + 1;
    }

  private:
    std::vector<std::vector<double>> values_;
};

}  // namespace unloop::inline v0

#endif
