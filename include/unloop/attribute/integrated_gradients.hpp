// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Integrated gradients: the targets of one layer along the straight line from a baseline to what they were.
#ifndef UNLOOP_ATTRIBUTE_INTEGRATED_GRADIENTS_HPP
#define UNLOOP_ATTRIBUTE_INTEGRATED_GRADIENTS_HPP

#include <unloop/attribute/mean_activations.hpp>
#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/attribute/recorded_choice.hpp>
#include <unloop/attribute/target_elements.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <algorithm>    // clamp, fill
#include <array>        // weights
#include <cmath>        // abs
#include <cstddef>      // size_t, ptrdiff_t
#include <cstdint>      // uint8_t
#include <span>         // scores
#include <string_view>  // name
#include <utility>      // move
#include <vector>       // places

namespace unloop::inline v0 {

/// What the attributions of one layer and kind must add up to, and what they do.
struct path_completeness {
    double attributed = 0;   ///< sum of the attributions
    double absolute = 0;     ///< sum of their magnitudes
    double missed = 0;       ///< what Simpson's rule missed, summed over intervals, before their weights made up for it
    double change = 0;       ///< objective of the run less that at the baseline, choices of experts as recorded
    double free_change = 0;  ///< the same when routers above the layer choose anew: the difference is their jump
};

namespace detail {

/// One place of the line.
struct path_place {
    double share = 0;  ///< of the way from the baseline to the run
    double objective = 0;
    double slope = 0;            ///< of the objective along the line: the sum of `slopes`
    std::vector<double> slopes;  ///< by target
};

/// Simpson's weights of the three places of an interval, over their width.
inline constexpr std::array<double, 3> simpson{1.0 / 6, 4.0 / 6, 1.0 / 6};

/// What Simpson's rule misses of the objective's change between `first[0]` and `first[2]`.
[[nodiscard]] inline double missed(const path_place* first) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += simpson[i] * first[i].slope;
    return first[2].objective - first[0].objective - (first[2].share - first[0].share) * sum;
}

/// Weights of the three places of an interval: Simpson's, changed as little as makes the slopes add up to the change of
/// the objective, which is known at the ends (least squares, by shares of Simpson's weights: a control variate). What
/// lay between the places, a narrow peak for example, goes to the targets whose slopes go with the sum of all.
[[nodiscard]] inline std::array<double, 3> interval_weights(const path_place* first) noexcept {
    const double width = first[2].share - first[0].share;
    double squares = 0;
    for (std::size_t i = 0; i < 3; ++i) squares += simpson[i] * first[i].slope * first[i].slope;
    const double more = squares > 0 ? missed(first) / (width * squares) : 0;
    std::array<double, 3> weights{};
    for (std::size_t i = 0; i < 3; ++i) weights[i] = width * simpson[i] * (1 + more * first[i].slope);
    return weights;
}

/// Puts the targets of one kind in one layer on the line, and adds up difference times gradient.
template <target_type Id>
class path_tap {
  public:
    using site = typename target_site<Id>::type;

    path_tap(std::size_t layer, const mean_activations& baseline) : layer_(layer), baseline_(baseline) {}

    /// For a run of `positions` positions; `slopes` is added to.
    void move_to(double share, std::size_t positions, std::span<double> slopes) {
        share_ = share, slopes_ = slopes;
        mask_.assign(positions, 1);
    }

    void operator()(site, const tap_place& place, matrix_view values) {
        if (static_cast<std::size_t>(place.layer) != layer_) return;
        const target_kind<Id> kind;
        differences_.resize(values.rows() * values.columns());
        for (std::size_t row = 0; row < values.rows(); ++row)
            for (std::size_t column = 0; column < values.columns(); ++column) {
                const float base = baseline_.mean<Id>(layer_, element_of(kind, place, row, column, values.columns()));
                float& difference = differences_[row * values.columns() + column];
                difference = values[row][column] - base;
                values[row][column] = base + static_cast<float>(share_) * difference;
            }
    }
    void operator()(site, const tap_place& place, const_matrix_view values, matrix_view gradients) {
        if (static_cast<std::size_t>(place.layer) != layer_) return;
        const const_matrix_view differences(differences_.data(), values.rows(), values.columns());
        add_products(target_kind<Id>{}, place, mask_, differences, gradients, slopes_);
    }

  private:
    std::size_t layer_;
    const mean_activations& baseline_;
    double share_ = 1;
    std::vector<float> differences_;
    std::vector<std::uint8_t> mask_;
    std::span<double> slopes_;
};

}  // namespace detail

/// score = sum over positions of (activation - baseline) * mean gradient along the line between them, one layer and
/// kind of target at a time (Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", 2017). The mean is by
/// Simpson's rule; intervals are halved where it misses most of the change of the objective, which is known at their
/// ends, until `evaluations` forward and backward passes of the layers above are used up, and what is still missed goes
/// into the weights. Scores of a layer and kind add up to what the objective loses at the baseline. Choices of experts
/// stay as recorded. The baseline is the mean over healthy texts: a norm behind the branch makes 0 a singular place.
class integrated_gradients {
  public:
    static constexpr std::string_view name = "integrated_gradients";

    static constexpr std::size_t default_evaluations = 64, least_evaluations = 3;

    /// The baseline is the run's own answer before the loop.
    explicit integrated_gradients(std::size_t evaluations = default_evaluations) : evaluations_(evaluations) {
        expects(evaluations >= least_evaluations, "integrated_gradients: at least 3 evaluations");
    }
    /// `baseline` must outlive it.
    explicit integrated_gradients(const mean_activations& baseline, std::size_t evaluations = default_evaluations)
        : integrated_gradients(evaluations) {
        baseline_ = &baseline;
    }

    /// Forward and backward passes that scoring a run takes; one of half of the layers counts half.
    [[nodiscard]] double gradients(const decoder_config& config) const {
        const target_scores targets(config);
        std::size_t layers = 0;  // that passes go through
        for (std::size_t layer = 0; layer < targets.layers(); ++layer)
            for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
                if (!targets.of<Id>(layer).empty()) layers += targets.layers() - config.lowest_read(layer);
            });
        return static_cast<double>(evaluations_ * layers) / static_cast<double>(targets.layers());
    }

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        target_scores scores(model.config());
        objective_gradient gradient(model.decoder(), run);
        const mean_activations means = baseline(model, run);
        for (std::size_t layer = 0; layer < scores.layers(); ++layer)
            for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
                detail::path_tap<Id> path(layer, means);
                if (!scores.of<Id>(layer).empty())
                    add_up(along(path, model, gradient, run, layer, objective, executor, scores.of<Id>(layer).size()),
                           scores.of<Id>(layer));
            });
        return scores;
    }

    /// One layer and kind, with the check that completeness is; replaces `scores`.
    template <target_type Id, class Model, class Objective, class Executor>
    path_completeness check(const Model& model, const recorded_run& run, std::size_t layer, const Objective& objective,
                            Executor& executor, std::span<double> scores) const {
        objective_gradient gradient(model.decoder(), run);
        const mean_activations means = baseline(model, run);
        detail::path_tap<Id> path(layer, means);
        const auto places = along(path, model, gradient, run, layer, objective, executor, scores.size());
        std::fill(scores.begin(), scores.end(), 0.0);
        add_up(places, scores);
        path_completeness sums;
        for (const double score : scores) sums.attributed += score, sums.absolute += std::abs(score);
        for (std::size_t i = 0; i + 2 < places.size(); i += 2) sums.missed += std::abs(detail::missed(&places[i]));
        sums.change = places.back().objective - places.front().objective;
        path.move_to(0, run.length(), {});
        no_tap none;
        sums.free_change =
            places.back().objective - gradient.pass(objective, none, executor, path, model.config().lowest_read(layer));
        return sums;
    }

  private:
    template <class Model>
    [[nodiscard]] mean_activations baseline(const Model& model, const recorded_run& run) const {
        return baseline_ != nullptr ? *baseline_ : healthy_means(run, model.config().layers.size());
    }

    /// Places of the line, ascending: the ends and the middle of each interval.
    template <class Path, class Model, class Gradient, class Objective, class Executor>
    std::vector<detail::path_place> along(Path& path, const Model& model, Gradient& gradient, const recorded_run& run,
                                          std::size_t layer, const Objective& objective, Executor& executor,
                                          std::size_t targets) const {
        recorded_choice fixed{&run};
        tap_pack both{fixed, path};
        const auto at = [&](double share) {
            detail::path_place made{share, 0, 0, std::vector<double>(targets)};
            path.move_to(share, run.length(), made.slopes);
            made.objective = gradient.pass(objective, path, executor, both, model.config().lowest_read(layer));
            for (const double slope : made.slopes) made.slope += slope;
            return made;
        };
        const std::size_t intervals = evaluations_ < 9 ? 1 : 4;
        std::vector<detail::path_place> places;
        for (std::size_t i = 0; i <= 2 * intervals; ++i)
            places.push_back(at(static_cast<double>(i) / static_cast<double>(2 * intervals)));
        while (places.size() + 2 <= evaluations_) {
            std::size_t worst = 0;
            for (std::size_t i = 2; i + 2 < places.size(); i += 2)
                if (std::abs(detail::missed(&places[i])) > std::abs(detail::missed(&places[worst]))) worst = i;
            const auto between = [&](std::size_t i) { return (places[i].share + places[i + 1].share) / 2; };
            detail::path_place left = at(between(worst)), right = at(between(worst + 1));
            const auto middle = places.begin() + static_cast<std::ptrdiff_t>(worst) + 1;
            places.insert(places.insert(middle, std::move(left)) + 2, std::move(right));
        }
        return places;
    }
    static void add_up(const std::vector<detail::path_place>& places, std::span<double> scores) {
        for (std::size_t first = 0; first + 2 < places.size(); first += 2) {
            const std::array<double, 3> weights = detail::interval_weights(&places[first]);
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < scores.size(); ++j) scores[j] += weights[i] * places[first + i].slopes[j];
        }
    }

    const mean_activations* baseline_ = nullptr;
    std::size_t evaluations_;
};

}  // namespace unloop::inline v0

#endif
