// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Layer conductance: how much of the objective flows through each target while the input comes out of a baseline.
#ifndef UNLOOP_ATTRIBUTE_LAYER_CONDUCTANCE_HPP
#define UNLOOP_ATTRIBUTE_LAYER_CONDUCTANCE_HPP

#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/attribute/recorded_choice.hpp>
#include <unloop/attribute/target_elements.hpp>
#include <unloop/attribute/target_scores.hpp>

#include <array>        // sites
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <map>          // layers
#include <string_view>  // name
#include <vector>       // values

namespace unloop::inline v0 {

namespace detail {

/// Moves the embedding along the line, and adds mean gradient times step of every target between two places of it.
class conductance_tap {
  public:
    conductance_tap(const recorded_run& run, target_scores& scores)
        : scores_(scores), mask_(run.length(), 1), base_(run.residual_of(0).columns()) {
        const const_matrix_view embedded = run.residual_of(0);
        for (std::size_t i = 0; i < base_.size(); ++i) {
            double sum = 0;
            for (std::size_t t = 0; t < embedded.rows(); ++t) sum += static_cast<double>(embedded[t][i]);
            base_[i] = static_cast<float>(sum / static_cast<double>(embedded.rows()));
        }
    }

    void move_to(double share) noexcept { share_ = static_cast<float>(share); }

    void operator()(sites::residual, const tap_place& place, matrix_view values) const {
        if (place.layer != 0) return;
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (std::size_t i = 0; i < base_.size(); ++i) values[t][i] = base_[i] + share_ * (values[t][i] - base_[i]);
    }

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, const_matrix_view values, matrix_view gradients) {
        reached& before = reached_[sites::number<Site>][place.layer];
        reached now{copied(values), copied(gradients), {place.experts.begin(), place.experts.end()}};
        if (!before.values.empty()) add_step<Site>(place, before, now, values.columns());
        before = std::move(now);
    }

  private:
    struct reached {
        std::vector<float> values, gradients;
        std::vector<std::int32_t> experts;
    };

    static std::vector<float> copied(const_matrix_view from) {
        std::vector<float> to;
        for (std::size_t row = 0; row < from.rows(); ++row) to.insert(to.end(), from[row].begin(), from[row].end());
        return to;
    }

    template <class Site>
    void add_step(const tap_place& place, const reached& before, const reached& now, std::size_t columns) {
        const std::size_t rows = now.values.size() / columns;
        std::vector<float> step = now.values, gradient = now.gradients;
        for (std::size_t i = 0; i < step.size(); ++i) {
            const std::size_t from = same_element<Site>(place, before, now, i, columns);
            step[i] -= before.values[from];
            gradient[i] = 0.5F * (gradient[i] + before.gradients[from]);
        }
        for_each_kind_at<Site>([&]<class Id>(target_kind<Id> kind) {
            add_products(kind, place, mask_, const_matrix_view(step.data(), rows, columns),
                         const_matrix_view(gradient.data(), rows, columns),
                         scores_.of<Id>(static_cast<std::size_t>(place.layer)));
        });
    }

    /// Where the value of place `i` stood before: the same experts may be chosen in another order.
    template <class Site>
    static std::size_t same_element(const tap_place& place, const reached& before, const reached& now, std::size_t i,
                                    std::size_t columns) {
        if (now.experts.empty()) return i;
        const std::size_t used = now.experts.size() / place.tokens.size();
        const bool in_columns = now.experts.size() == now.values.size();  // one value a choice
        const std::size_t choice = in_columns ? i : i / columns, token = choice / used;
        for (std::size_t other = token * used; other < (token + 1) * used; ++other)
            if (before.experts[other] == now.experts[choice]) return in_columns ? other : other * columns + i % columns;
        return i;
    }

    target_scores& scores_;
    std::vector<std::uint8_t> mask_;
    std::vector<float> base_;
    float share_ = 1;
    std::array<std::map<std::int32_t, reached>, sites::count> reached_;
};

}  // namespace detail

/// score = the integral of d objective / d activation * d activation, summed over positions, while the embedding moves
/// in a straight line from its mean over the run's positions to what it was (Dhamdhere, Sundararajan, Yan, "How
/// important is a neuron?", 2018), by the trapezoidal rule. Choices of experts stay as recorded; inputs that layers get
/// beside the stream do not move. `evaluations` + 1 forward and backward passes for all layers together; memory: two
/// values for each recorded activation of a target.
struct layer_conductance {
    static constexpr std::string_view name = "layer_conductance";

    std::size_t evaluations = 64;

    /// Forward and backward passes that scoring a run takes.
    [[nodiscard]] double gradients(const decoder_config& /*config*/) const noexcept {
        return static_cast<double>(evaluations + 1);
    }

    template <class Model, class Objective, class Executor>
    [[nodiscard]] target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                                      Executor& executor) const {
        target_scores scores(model.config());
        detail::conductance_tap path(run, scores);
        recorded_choice fixed{&run};
        tap_pack both{path, fixed};
        objective_gradient gradient(model.decoder(), run);
        for (std::size_t i = 0; i <= evaluations; ++i) {
            path.move_to(static_cast<double>(i) / static_cast<double>(evaluations));
            gradient.pass(objective, path, executor, both);
        }
        return scores;
    }
};

}  // namespace unloop::inline v0

#endif
