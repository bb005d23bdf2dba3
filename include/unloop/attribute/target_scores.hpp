// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Scores of all targets of a model, and what is read off them: the best, and a target's rank.
#ifndef UNLOOP_ATTRIBUTE_TARGET_SCORES_HPP
#define UNLOOP_ATTRIBUTE_TARGET_SCORES_HPP

#include <unloop/model/targets.hpp>

#include <algorithm>  // partial_sort
#include <array>      // kinds
#include <cmath>      // abs
#include <cstddef>    // size_t
#include <utility>    // move
#include <vector>     // scores

namespace unloop::inline v0 {

/// One number a target, by kind and layer; larger magnitude: more to do with the loop. The sign is the method's.
/// Whether numbers of different kinds can be compared is the method's as well.
class target_scores {
  public:
    explicit target_scores(const decoder_config& config) : target_scores(dimensions_of(config)) {}
    /// All 0.
    explicit target_scores(std::vector<layer_dimensions> layers) : layers_(std::move(layers)) {
        for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
            for (const layer_dimensions& layer : layers_) all<Id>().emplace_back(count_targets<Id>(layer));
        });
    }

    [[nodiscard]] std::size_t layers() const noexcept { return layers_.size(); }
    [[nodiscard]] const layer_dimensions& dimensions(std::size_t layer) const noexcept { return layers_[layer]; }
    [[nodiscard]] const std::vector<layer_dimensions>& all_dimensions() const noexcept { return layers_; }
    /// The scores of one kind in a layer, in the order of `place_of`: `scores.of<neuron_id>(3)[17]`.
    template <target_type Id>
    [[nodiscard]] std::vector<double>& of(std::size_t layer) noexcept {
        return all<Id>()[layer];
    }
    template <target_type Id>
    [[nodiscard]] const std::vector<double>& of(std::size_t layer) const noexcept {
        return all<Id>()[layer];
    }
    /// The dense neurons of a layer: `scores.neurons(3)[17]`.
    [[nodiscard]] std::vector<double>& neurons(std::size_t layer) noexcept { return of<neuron_id>(layer); }
    [[nodiscard]] const std::vector<double>& neurons(std::size_t layer) const noexcept { return of<neuron_id>(layer); }
    template <target_type Id>
    [[nodiscard]] double& operator[](const Id& id) noexcept {
        const auto layer = static_cast<std::size_t>(id.layer);
        return of<Id>(layer)[place_of(id, layers_[layer])];
    }
    template <target_type Id>
    [[nodiscard]] double operator[](const Id& id) const noexcept {
        const auto layer = static_cast<std::size_t>(id.layer);
        return of<Id>(layer)[place_of(id, layers_[layer])];
    }
    [[nodiscard]] double operator[](const target_id& target) const {
        return std::visit([&](const auto& id) { return (*this)[id]; }, target);
    }

    target_scores& operator+=(const target_scores& other) {
        for (std::size_t kind = 0; kind < values_.size(); ++kind)
            for (std::size_t l = 0; l < layers(); ++l)
                for (std::size_t i = 0; i < values_[kind][l].size(); ++i)
                    values_[kind][l][i] += other.values_[kind][l][i];
        return *this;
    }
    target_scores& operator/=(double divisor) {
        for (auto& kind : values_)
            for (auto& layer : kind)
                for (double& value : layer) value /= divisor;
        return *this;
    }
    friend bool operator==(const target_scores&, const target_scores&) = default;

    /// The `count` targets of one kind of largest magnitude, best first; ties go to the lower id. O(n log count).
    template <target_type Id>
    [[nodiscard]] std::vector<Id> best(std::size_t count) const {
        std::vector<Id> ranked;
        for_each<Id>([&](const Id& id, double /*score*/) { ranked.push_back(id); });
        count = std::min(count, ranked.size());
        std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count), ranked.end(),
                          [&](const Id& a, const Id& b) {
                              const double left = std::abs((*this)[a]), right = std::abs((*this)[b]);
                              return left != right ? left > right : a < b;
                          });
        ranked.resize(count);
        return ranked;
    }
    [[nodiscard]] std::vector<neuron_id> best_neurons(std::size_t count) const { return best<neuron_id>(count); }

    /// 1 for the target of largest magnitude of its kind. O(n).
    [[nodiscard]] std::size_t rank_of(const target_id& target) const {
        const double own = std::abs((*this)[target]);
        std::size_t better = 0;
        std::visit(
            [&]<class Id>(const Id& id) {
                for_each<Id>([&](const Id& other, double score) {
                    better += std::abs(score) > own || (std::abs(score) == own && other < id) ? 1U : 0U;
                });
            },
            target);
        return better + 1;
    }

    /// Targets of one kind in all layers.
    template <target_type Id>
    [[nodiscard]] std::size_t count() const noexcept {
        std::size_t sum = 0;
        for (const auto& layer : all<Id>()) sum += layer.size();
        return sum;
    }
    /// Calls `visit(id, score)` for every target of a kind, ascending.
    template <target_type Id, class Visitor>
    void for_each(const Visitor& visit) const {
        for (std::size_t l = 0; l < layers(); ++l)
            for (std::size_t i = 0; i < of<Id>(l).size(); ++i) visit(target_at<Id>(l, i, layers_[l]), of<Id>(l)[i]);
    }

  private:
    using by_layer = std::vector<std::vector<double>>;

    template <target_type Id>
    [[nodiscard]] by_layer& all() noexcept {
        return values_[target_id(Id{}).index()];
    }
    template <target_type Id>
    [[nodiscard]] const by_layer& all() const noexcept {
        return values_[target_id(Id{}).index()];
    }

    std::vector<layer_dimensions> layers_;
    std::array<by_layer, std::variant_size_v<target_id>> values_;
};

}  // namespace unloop::inline v0

#endif
