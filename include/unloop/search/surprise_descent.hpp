// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edits by which healthy texts surprise a broken model less, found one after the other by gradient.
#ifndef UNLOOP_SEARCH_SURPRISE_DESCENT_HPP
#define UNLOOP_SEARCH_SURPRISE_DESCENT_HPP

#include <unloop/attribute/score_values.hpp>
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

#include <algorithm>  // max, min_element, partition_point, stable_sort
#include <cstddef>    // size_t
#include <cstdint>    // int64_t, uint8_t
#include <limits>     // infinity
#include <span>       // texts
#include <string>     // keys
#include <tuple>      // tie
#include <utility>    // move, pair
#include <variant>    // targets
#include <vector>     // steps

namespace unloop::inline v0 {

struct descent_options {
    target_kinds kinds = target_kinds::all();  ///< that may be edited
    std::size_t most_edits = 4;
    std::size_t candidates = 4;              ///< of each kind at once: the best by gradient, measured suppressed
    std::size_t batches = 2;                 ///< of candidates in a step, until one is kept
    double least_fit = worthwhile_gain / 2;  ///< nats a token that an edit must bring on the texts it is fitted to
    double least_gain = worthwhile_gain;     ///< and on those held out
    double least_turn = 0.1;  ///< on both, where a sign is turned: a healthy model may gain half as much by that
    double most_p = 0.02;     ///< of what it brings on the texts held out: `signed_rank_p`, one-sided
    forced_options texts = {};
};

namespace detail {

/// What the steps of a descent share.
template <class Model, class Progress, class Memory>
class descent {
  public:
    descent(const Model& model, std::span<const forced_text> texts, std::span<const forced_text> held_out,
            const descent_options& options, Progress& progress, Memory& memory)
        : model_(model),
          texts_(texts),
          held_out_(held_out),
          options_(options),
          progress_(progress),
          memory_(memory),
          pool_(options.texts.threads),
          fit_(model, longest_of(texts), longest_of(texts)),
          shipped_factors_(fit_.factors()) {
        for (const forced_text& text : texts) examples_.push_back(said_example(text));
        shipped_ = surprise_ = surprises(std::vector<plan>(1), text_role::fitted).front().mean;
        held_out_surprise_ = surprises(std::vector<plan>(1), text_role::held_out).front().by_text;
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
    struct refused {
        target_id target;
        double loss;  ///< nats a token by which its suppression surprised more; infinite: held-out texts refused it
    };
    enum class text_role : std::uint8_t { fitted, held_out };
    struct text_surprise {
        double mean;
        std::vector<double> by_text;
    };
    struct held_out_score {
        double rise;  ///< mean over texts of what a plan surprises more than the edits so far
        double p;     ///< one-sided
        std::vector<double> surprise;
    };

    /// The first candidate that texts held out confirm; those that they refuse are not asked again.
    bool add_step(std::vector<descent_step>& steps) {
        const target_scores falls = first_order();
        for (std::size_t batch = 0; batch < options_.batches; ++batch) {
            const std::vector<measured_plan> worth = worth_trying(falls);
            const std::vector<held_out_score> held_out = on_held_out(worth);
            for (std::size_t i = 0; i < worth.size(); ++i) {
                refused_.push_back({target_of(worth[i]), std::numeric_limits<double>::infinity()});
                if (!is_confirmed(worth[i], held_out[i])) continue;
                const measured_plan tried = best_factor(worth[i]);
                const held_out_score score = on_held_out({tried}).front();
                if (!is_confirmed(tried, score)) continue;
                keep(tried, score);
                take_back();
                steps.push_back({base_, surprise_ - shipped_, score.rise, score.p});
                return true;
            }
        }
        return false;
    }
    void keep(const measured_plan& tried, const held_out_score& score) {
        ask_again(surprise_ - tried.first);
        std::tie(surprise_, base_) = tried;
        held_out_surprise_ = score.surprise;
    }
    /// An edit that made up for what a later one mends brings nothing any more, or harms: earlier edits that bring too
    /// little beside the others go, the least useful first.
    void take_back() {
        while (base_.size() > 1) {
            std::vector<plan> plans;
            for (std::size_t i = 0; i + 1 < base_.size(); ++i) {
                std::vector<target_edit> others = base_.edits;
                others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
                plans.push_back(noted(std::move(others)));
            }
            const std::vector<measured_plan> measured = measure(plans);
            const auto best = std::min_element(measured.begin(), measured.end(), is_lower);
            if (best->first - surprise_ >= options_.least_fit) return;
            std::tie(surprise_, base_) = *best;
            held_out_surprise_ = surprises({base_}, text_role::held_out).front().by_text;
        }
    }
    [[nodiscard]] static const target_id& target_of(const measured_plan& tried) {
        return tried.second.edits.back().target;
    }
    /// What is overdriven is best silent or nearly so; where turning is better still, it has to be much better.
    [[nodiscard]] bool is_confirmed(const measured_plan& tried, const held_out_score& score) const {
        const bool turns = tried.second.edits.back().factor < 0;
        return -score.rise >= (turns ? options_.least_turn : options_.least_gain) && score.p <= options_.most_p &&
               surprise_ - tried.first >= (turns ? options_.least_turn : options_.least_fit);
    }
    /// After an edit that brought so much those that were refused for less may be worth it.
    void ask_again(double gain) {
        std::erase_if(refused_, [&](const refused& one) { return one.loss <= gain; });
    }

    /// Of `texts_` or of those held out, under each plan.
    [[nodiscard]] std::vector<text_surprise> surprises(const std::vector<plan>& plans, text_role role) const {
        if (plans.empty()) return {};
        const std::span<const forced_text> texts = role == text_role::fitted ? texts_ : held_out_;
        std::string key = role == text_role::fitted ? "surprise" : "surprise of texts held out";
        for (const plan& one : plans) key += ":" + key_of(one.edits);
        const std::vector<double> values =
            recalled(memory_, key, plans.size() * (1 + texts.size()), [&] { return measured_surprises(plans, texts); });
        std::vector<text_surprise> split;
        for (auto of_plan = values.begin(); of_plan != values.end();) {
            const auto end = of_plan + 1 + static_cast<std::ptrdiff_t>(texts.size());
            split.push_back({*of_plan, {of_plan + 1, end}});
            of_plan = end;
        }
        return split;
    }
    /// For each plan the mean, then one number a text.
    [[nodiscard]] std::vector<double> measured_surprises(const std::vector<plan>& plans,
                                                         std::span<const forced_text> texts) const {
        std::vector<const plan*> arms;
        for (const plan& one : plans) arms.push_back(&one);
        std::vector<double> values;
        for (const prediction_score& score : score_predictions(model_, arms, texts, options_.texts, progress_)) {
            values.push_back(score.surprise.mean);
            values.insert(values.end(), score.surprise_by_text.begin(), score.surprise_by_text.end());
        }
        return values;
    }
    [[nodiscard]] std::vector<measured_plan> measure(const std::vector<plan>& plans) const {
        const std::vector<text_surprise> scores = surprises(plans, text_role::fitted);
        std::vector<measured_plan> measured;
        for (std::size_t i = 0; i < plans.size(); ++i) measured.emplace_back(scores[i].mean, plans[i]);
        return measured;
    }
    static bool is_lower(const measured_plan& a, const measured_plan& b) noexcept { return a.first < b.first; }

    [[nodiscard]] static plan noted(std::vector<target_edit> edits) {
        plan made{std::move(edits), {}};
        for (const target_edit& one : made.edits)
            made.note += (made.note.empty() ? "" : " and ") + to_string(one.target);
        return made;
    }
    [[nodiscard]] plan with(const target_id& target, float factor) const {
        std::vector<target_edit> edits = base_.edits;
        edits.push_back({target, factor});
        return noted(std::move(edits));
    }

    /// By what the mean surprise falls, to first order, when a target is suppressed: its gradient by the factor.
    [[nodiscard]] target_scores first_order() {
        return recalled_scores(memory_, "surprise, gradient:" + key_of(base_.edits), target_scores(model_.config()),
                               [&] { return mean_gradient(); });
    }
    [[nodiscard]] target_scores mean_gradient() {
        target_scores factors = shipped_factors_;
        for (const target_edit& edit : base_.edits)
            std::visit([&](const auto& id) { factors[id] = static_cast<double>(edit.factor); }, edit.target);
        fit_.restore(factors);
        target_scores sum(model_.config());
        for (const gain_example& example : examples_) sum += fit_.gradients(example, {.other_weight = 1}, pool_);
        sum /= static_cast<double>(examples_.size());
        return sum;
    }

    /// Of each kind the targets whose suppression promises most.
    [[nodiscard]] std::vector<plan> promising(target_scores falls) const {
        for (const refused& one : refused_) std::visit([&](const auto& id) { falls[id] = 0; }, one.target);
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

    /// Those of which suppression does bring enough, most first; the others are refused.
    [[nodiscard]] std::vector<measured_plan> worth_trying(const target_scores& falls) {
        std::vector<measured_plan> ranked = measure(promising(falls));
        std::stable_sort(ranked.begin(), ranked.end(), is_lower);
        const auto worth = [&](const measured_plan& one) { return surprise_ - one.first >= options_.least_fit; };
        const auto end = std::partition_point(ranked.begin(), ranked.end(), worth);
        for (auto one = end; one != ranked.end(); ++one) refused_.push_back({target_of(*one), one->first - surprise_});
        ranked.erase(end, ranked.end());
        return ranked;
    }

    /// Of the factors that suppress a target or turn it.
    [[nodiscard]] measured_plan best_factor(const measured_plan& suppressed) const {
        std::vector<plan> plans;
        for (const float factor : factor_grid)
            if (factor != 0 && factor < 1) plans.push_back(with(target_of(suppressed), factor));
        std::vector<measured_plan> measured = measure(plans);
        measured.push_back(suppressed);
        return *std::min_element(measured.begin(), measured.end(), is_lower);
    }

    [[nodiscard]] std::vector<held_out_score> on_held_out(const std::vector<measured_plan>& tried) const {
        std::vector<plan> plans;
        for (const auto& [surprise, one] : tried) plans.push_back(one);
        std::vector<held_out_score> scores;
        for (text_surprise& score : surprises(plans, text_role::held_out)) {
            std::vector<double> rises = score.by_text;
            for (std::size_t i = 0; i < rises.size(); ++i) rises[i] -= held_out_surprise_[i];
            scores.push_back(
                {average_of(rises).mean, signed_rank_p(rises, {.side = tested_side::below}), std::move(score.by_text)});
        }
        return scores;
    }

    const Model& model_;
    std::span<const forced_text> texts_, held_out_;
    descent_options options_;
    Progress& progress_;
    Memory& memory_;
    thread_pool pool_;
    gain_fit<Model> fit_;
    target_scores shipped_factors_;  ///< all 1
    std::vector<gain_example> examples_;
    plan base_;                              ///< so far
    double surprise_ = 0, shipped_ = 0;      ///< under it, and under no edit
    std::vector<double> held_out_surprise_;  ///< under it, of each text held out
    std::vector<refused> refused_;           ///< not to be asked again; those that are edited among them
};

}  // namespace detail

/// What broke a model shows where nothing loops: a part that was amplified or turned makes healthy texts improbable.
/// Each step takes the gradient of their mean negative log-likelihood by a factor a target and suppresses those that
/// promise most. One that brings enough on the texts held out too, most of which must gain by their signed ranks (a
/// culprit may break a few texts altogether and the others hardly), gets the best factor of `factor_grid` below 1 and
/// is kept; earlier edits that bring too little beside it are taken back (what made up for a fault is none once that is
/// mended). A healthy model gives no step. Loops play no part: `search` judges the plans by free generation. What is
/// measured is a mean over texts, each a mean over the tokens of its answer. Throws `error` when cancelled. `memory`
/// gives back what an earlier, stopped call with equal arguments had computed. Cost a
/// step: a backward pass, `candidates` of each kind, and again until one is kept or `batches` are through, and seven
/// plans and one an earlier edit more for one that is kept, over the texts from the layer of the edit on.
template <class Model, class Progress = no_progress, class Memory = no_value_memory>
[[nodiscard]] std::vector<descent_step> surprise_descent(const Model& model, std::span<const forced_text> texts,
                                                         std::span<const forced_text> held_out,
                                                         const descent_options& options = {}, Progress&& progress = {},
                                                         Memory&& memory = {}) {
    require_batch_invariance<typename Model::decoder_type::backend_type>();
    expects(!texts.empty() && held_out.size() > 1, "surprise_descent: texts to fit to, and two or more held out");
    return detail::descent(model, texts, held_out, options, progress, memory).run();
}

}  // namespace unloop::inline v0

#endif
