// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Plans made stronger or weaker until they diverge from the unedited model by a given amount: controls as large as the
// edit, and null edits that change next to nothing.
#ifndef UNLOOP_EVALUATE_CALIBRATED_PLANS_HPP
#define UNLOOP_EVALUATE_CALIBRATED_PLANS_HPP

#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/matched_controls.hpp>

#include <algorithm>  // any_of, clamp, max
#include <cmath>      // abs, isfinite, sqrt
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <limits>     // infinity
#include <span>       // plans
#include <string>     // notes
#include <vector>     // plans

namespace unloop::inline v0 {

/// The plan with every factor f replaced by 1 + scale * (f - 1): 0 is no edit, 1 the plan, 2 twice the change. Masks
/// have no factor and stay.
[[nodiscard]] inline plan times(const plan& edited, double scale) {
    plan scaled = edited;
    for (target_edit& edit : scaled.edits)
        if (edit.kind == edit_kind::scale) edit.factor = static_cast<float>(1 + scale * (edit.factor - 1.0));
    return scaled;
}

/// `edit` is the given plan `times` `scale`.
struct calibrated_plan {
    plan edit;
    double scale = 1;
    double token_kl = 0;    ///< measured, nats
    bool is_close = false;  ///< within the tolerance of what was asked for
};

struct calibration_options {
    double tolerance = 0.1;       ///< of the divergence, relative
    double largest_scale = 1024;  ///< a plan that diverges less under it is left there
    std::size_t most_steps = 24;  ///< measurements of a plan
    forced_options texts = {};
};

namespace detail {

/// Bisection on the scale of one plan. Divergence grows about with the square of the scale, which proposes the next
/// scale; a proposal outside the bracket, or in its outer tenths, is replaced by the bracket's middle.
class scale_search {
  public:
    scale_search(double wanted, const calibration_options& options) : wanted_(wanted), options_(options) {}

    [[nodiscard]] double next() const noexcept { return next_; }
    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] bool is_close(double kl) const noexcept {
        return std::abs(kl - wanted_) <= options_.tolerance * wanted_;
    }

    void take(double kl) noexcept {
        if (is_close(kl) || (kl < wanted_ && next_ >= options_.largest_scale)) {
            done_ = true;
            return;
        }
        (kl < wanted_ ? low_ : high_) = next_;
        const double proposed =
            kl > 0 && std::isfinite(kl) ? next_ * std::clamp(std::sqrt(wanted_ / kl), 1.0 / 16, 16.0) : 16 * next_;
        if (high_ == std::numeric_limits<double>::infinity()) {
            next_ = std::min(std::max(proposed, 1.1 * low_), options_.largest_scale);
            return;
        }
        const double edge = 0.1 * (high_ - low_);
        next_ = proposed > low_ + edge && proposed < high_ - edge ? proposed : (low_ + high_) / 2;
    }

  private:
    double wanted_;
    const calibration_options& options_;
    double low_ = 0, high_ = std::numeric_limits<double>::infinity();
    double next_ = 1;
    bool done_ = false;
};

}  // namespace detail

/// Scales each of `plans` until its divergence on `texts` (`token_divergence`, mean over answer tokens) is `wanted`
/// nats within the tolerance; `wanted` 0 gives scale 0, no edit. A divergence need not rise steadily with the scale,
/// nor reach what is asked for: what came out is told of each. All plans that are not done yet are measured side by
/// side. Throws `error` as `token_divergences` does. Cost: some 3 to 6 measurements.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<calibrated_plan> calibrate(const Model& model, std::span<const plan> plans, double wanted,
                                                     std::span<const forced_text> texts,
                                                     const calibration_options& options = {},
                                                     Progress&& progress = {}) {
    expects(wanted >= 0 && options.tolerance > 0, "calibrate: a divergence that is not negative, and a tolerance");
    std::vector<calibrated_plan> made;
    for (const plan& one : plans) made.push_back({times(one, 0), 0, 0, wanted == 0});
    if (wanted == 0) return made;
    std::vector<detail::scale_search> searches(plans.size(), detail::scale_search(wanted, options));
    for (std::size_t step = 0; step < options.most_steps; ++step) {
        std::vector<std::size_t> open;
        std::vector<const plan*> tried;
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (searches[i].done()) continue;
            made[i].scale = searches[i].next();
            made[i].edit = times(plans[i], made[i].scale);
            open.push_back(i), tried.push_back(&made[i].edit);
        }
        if (open.empty()) break;
        const std::vector<divergence> measured = token_divergences(model, tried, texts, options.texts, progress);
        for (std::size_t k = 0; k < open.size(); ++k) {
            calibrated_plan& one = made[open[k]];
            one.token_kl = measured[k].mean;
            one.is_close = searches[open[k]].is_close(one.token_kl);
            searches[open[k]].take(one.token_kl);
        }
    }
    return made;
}

/// `matched_controls` of `edited`, each scaled to the edit's own divergence on `texts`: what the edit does and they do
/// not is owed neither to the size of the change nor to the strength of the targets. For a claim take 19 draws: the
/// edit is then first of 20 by chance once in 20 times. Throws `error` as `matched_controls` and `calibrate` do.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<calibrated_plan> calibrated_controls(
    const Model& model, const plan& edited, const target_scores& strengths, std::span<const forced_text> texts,
    const control_options& draws = {}, const calibration_options& options = {}, Progress&& progress = {}) {
    const double wanted = token_divergence(model, edited, texts, options.texts).mean;
    return calibrate(model, matched_controls(edited, strengths, draws), wanted, texts, options, progress);
}

struct null_edit_options {
    std::size_t draws = 8;
    std::size_t targets = 8;   ///< of each
    double token_kl = 0.0005;  ///< nats; within the tolerance, so below 0.001
    std::uint64_t seed = 0;
};

namespace detail {

/// `count` different targets drawn evenly from all of `strengths` that write anything, silenced.
[[nodiscard]] inline plan draw_null_edit(const target_scores& strengths, std::size_t count, random_sequence random) {
    std::vector<target_id> targets;
    for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
        strengths.for_each<Id>([&](const Id& id, double strength) {
            if (strength > 0) targets.push_back(id);
        });
    });
    plan drawn;
    while (drawn.size() < count && !targets.empty()) {
        const std::size_t k = random.below(targets.size());
        drawn.edits.push_back({targets[k], 0.0F});
        targets[k] = targets.back(), targets.pop_back();
    }
    return drawn;
}

}  // namespace detail

/// Edits that change next to nothing: targets drawn evenly over the model, scaled to a divergence that no one would
/// notice. Greedy answers flip all the same, so the spread of what they measure is the noise of a greedy verdict: a
/// difference within it is none. Throws `error` as `calibrate` does.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<calibrated_plan> null_edits(const Model& model, const target_scores& strengths,
                                                      std::span<const forced_text> texts,
                                                      const null_edit_options& draws = {},
                                                      const calibration_options& options = {},
                                                      Progress&& progress = {}) {
    std::vector<plan> plans;
    for (std::size_t n = 0; n < draws.draws; ++n) {
        plans.push_back(detail::draw_null_edit(strengths, draws.targets, random_sequence(draws.seed, n)));
        plans.back().note = "null edit " + std::to_string(n + 1) + " of " + std::to_string(draws.draws) + ", seed " +
                            std::to_string(draws.seed);
    }
    return calibrate(model, plans, draws.token_kl, texts, options, progress);
}

}  // namespace unloop::inline v0

#endif
