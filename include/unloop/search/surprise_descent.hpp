// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edits by which healthy texts surprise a broken model less, found one after the other by gradient.
#ifndef UNLOOP_SEARCH_SURPRISE_DESCENT_HPP
#define UNLOOP_SEARCH_SURPRISE_DESCENT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/core/target_kinds.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/evaluate/signed_ranks.hpp>
#include <unloop/parallel/thread_pool.hpp>
#include <unloop/search/gain_example.hpp>
#include <unloop/search/gain_fit.hpp>
#include <unloop/search/localization.hpp>
#include <unloop/search/trial.hpp>

#include <algorithm>  // max, min_element, stable_sort
#include <cstddef>    // size_t
#include <cstdint>    // int64_t
#include <span>       // texts
#include <utility>    // pair
#include <variant>    // targets
#include <vector>     // steps

namespace unloop::inline v0 {

struct descent_options {
    target_kinds kinds = target_kinds::all();  ///< that may be edited
    std::size_t most_edits = 4;
    std::size_t candidates = 4;           ///< of each kind and step: the best by gradient, measured suppressed
    double least_gain = worthwhile_gain;  ///< nats a token that an edit must bring on both sets of texts
    double most_p = 0.05;                 ///< of what it brings on the texts held out: `signed_rank_p`, one-sided
    forced_options texts = {};
};

namespace detail {

/// What the steps of a descent share.
template <class Model, class Progress>
class descent {
  public:
    descent(const Model& model, std::span<const forced_text> texts, std::span<const forced_text> held_out,
            const descent_options& options, Progress& progress)
        : model_(model),
          texts_(texts),
          held_out_(held_out),
          options_(options),
          progress_(progress),
          pool_(options.texts.threads),
          fit_(model, longest_of(texts), longest_of(texts)) {
        for (const forced_text& text : texts) examples_.push_back(said_example(text));
        shipped_ = surprise_ = surprises(std::vector<plan>(1), texts).front().surprise.mean;
    }

    [[nodiscard]] std::vector<descent_step> run() {
        std::vector<descent_step> steps;
        while (steps.size() < options_.most_edits) {
            const progress_event event{"surprise", static_cast<std::int64_t>(steps.size()),
                                       static_cast<std::int64_t>(options_.most_edits)};
            if (!progress_(event)) throw error("cancelled");
            if (!add_step(steps)) break;
        }
        return steps;
    }

  private:
    using measured_plan = std::pair<double, plan>;  ///< the mean surprise under a plan, over `texts_`

    /// The first candidate that texts held out confirm; the others are not asked again.
    bool add_step(std::vector<descent_step>& steps) {
        for (const target_id& target : worth_trying()) {
            const auto [surprise, tried] = best_factor(target);
            const auto [rise, p] = held_out_rise(tried);
            taken_.push_back(target);
            if (-rise < options_.least_gain || p > options_.most_p) continue;
            base_ = tried, surprise_ = surprise;
            steps.push_back({tried, surprise - shipped_, rise, p});
            return true;
        }
        return false;
    }

    [[nodiscard]] std::vector<prediction_score> surprises(const std::vector<plan>& plans,
                                                          std::span<const forced_text> texts) const {
        if (plans.empty()) return {};
        std::vector<const plan*> arms;
        for (const plan& one : plans) arms.push_back(&one);
        return score_predictions(model_, arms, texts, options_.texts, progress_);
    }
    [[nodiscard]] std::vector<measured_plan> measure(const std::vector<plan>& plans) const {
        const std::vector<prediction_score> scores = surprises(plans, texts_);
        std::vector<measured_plan> measured;
        for (std::size_t i = 0; i < plans.size(); ++i) measured.emplace_back(scores[i].surprise.mean, plans[i]);
        return measured;
    }
    static bool is_lower(const measured_plan& a, const measured_plan& b) noexcept { return a.first < b.first; }

    [[nodiscard]] plan with(const target_id& target, float factor) const {
        plan made = base_;
        made.edits.push_back({target, factor});
        made.note += (base_.empty() ? "" : " and ") + to_string(target);
        return made;
    }

    /// By what the mean surprise falls, to first order, when a target is suppressed: its gradient by the factor.
    [[nodiscard]] target_scores first_order() {
        target_scores factors = fit_.factors();
        for (const target_edit& edit : base_.edits)
            std::visit([&](const auto& id) { factors[id] = static_cast<double>(edit.factor); }, edit.target);
        fit_.restore(factors);
        target_scores sum(model_.config());
        for (const gain_example& example : examples_) sum += fit_.gradients(example, {.other_weight = 1}, pool_);
        sum /= static_cast<double>(examples_.size());
        return sum;
    }

    /// Of each kind the targets whose suppression promises most.
    [[nodiscard]] std::vector<plan> promising() {
        target_scores falls = first_order();
        for (const target_id& target : taken_) std::visit([&](const auto& id) { falls[id] = 0; }, target);
        std::vector<plan> plans;
        for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
            if (!options_.kinds.contains(kind)) return;
            for (std::size_t layer = 0; layer < falls.layers(); ++layer)
                for (double& fall : falls.template of<Id>(layer)) fall = std::max(fall, 0.0);
            for (const Id& id : falls.template best<Id>(options_.candidates))
                if (falls[id] > 0) plans.push_back(with(id, 0));
        });
        return plans;
    }

    /// Those of which suppression does bring enough, most first.
    [[nodiscard]] std::vector<target_id> worth_trying() {
        std::vector<measured_plan> ranked = measure(promising());
        std::stable_sort(ranked.begin(), ranked.end(), is_lower);
        std::vector<target_id> targets;
        for (const auto& [surprise, tried] : ranked)
            if (surprise_ - surprise >= options_.least_gain) targets.push_back(tried.edits.back().target);
        return targets;
    }

    [[nodiscard]] measured_plan best_factor(const target_id& target) const {
        std::vector<plan> plans;
        for (const float factor : factor_grid) plans.push_back(with(target, factor));
        const std::vector<measured_plan> measured = measure(plans);
        return *std::min_element(measured.begin(), measured.end(), is_lower);
    }

    /// Over texts the mean and its one-sided p.
    [[nodiscard]] std::pair<double, double> held_out_rise(const plan& tried) const {
        const std::vector<prediction_score> scores = surprises({base_, tried}, held_out_);
        std::vector<double> rises;
        for (std::size_t i = 0; i < held_out_.size(); ++i)
            rises.push_back(scores[1].surprise_by_text[i] - scores[0].surprise_by_text[i]);
        return {average_of(rises).mean, signed_rank_p(rises) / 2};
    }

    const Model& model_;
    std::span<const forced_text> texts_, held_out_;
    descent_options options_;
    Progress& progress_;
    thread_pool pool_;
    gain_fit<Model> fit_;
    std::vector<gain_example> examples_;
    plan base_;                          ///< so far
    double surprise_ = 0, shipped_ = 0;  ///< under it, and under no edit
    std::vector<target_id> taken_;       ///< edited, or refused by the texts held out
};

}  // namespace detail

/// What broke a model shows where nothing loops: a part that was amplified or turned makes healthy texts improbable.
/// Each step takes the gradient of their mean negative log-likelihood by a factor a target, suppresses those that
/// promise most, and gives the best of them the best factor of `factor_grid`. An edit is kept when texts held out
/// confirm it: they gain `least_gain` nats a token in the mean, and by their signed ranks most of them gain, for a
/// culprit may break a few texts altogether and the others hardly. A healthy model gives no step. Loops play no part:
/// `search` judges the plans by free generation. What is measured is a mean over texts, each a mean over the tokens of
/// its answer. Throws `error` when cancelled. Cost a step: a backward pass, and `candidates` of each kind and two times
/// seven plans over the texts.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<descent_step> surprise_descent(const Model& model, std::span<const forced_text> texts,
                                                         std::span<const forced_text> held_out,
                                                         const descent_options& options = {},
                                                         Progress&& progress = {}) {
    require_batch_invariance<typename Model::decoder_type::backend_type>();
    expects(!texts.empty() && held_out.size() > 1, "surprise_descent: texts to fit to, and two or more held out");
    return detail::descent(model, texts, held_out, options, progress).run();
}

}  // namespace unloop::inline v0

#endif
