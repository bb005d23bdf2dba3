// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Fits one factor a target by gradient: Adam, a penalty that draws factors back to 1, a fixed order.
#ifndef UNLOOP_SEARCH_GAIN_FIT_HPP
#define UNLOOP_SEARCH_GAIN_FIT_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/model/backward.hpp>
#include <unloop/search/gain_example.hpp>
#include <unloop/search/gain_tap.hpp>
#include <unloop/search/time_limit.hpp>

#include <algorithm>  // clamp, max, partial_sort
#include <cmath>      // sqrt, abs
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <span>       // examples
#include <utility>    // swap
#include <vector>     // order

namespace unloop::inline v0 {

struct gain_fit_options {
    std::size_t epochs = 6;      ///< passes over all examples
    double rate = 0.02;          ///< of Adam
    double decision_weight = 1;  ///< of the mean divergence at decisions
    double other_weight = 3;     ///< of the mean divergence elsewhere
    double sparsity = 0.02;      ///< nats a unit of |factor - 1|
    double smallest = -2;        ///< factors stay between these two
    double largest = 4;
    std::uint64_t seed = 1;  ///< of the order of examples
};

/// Mean divergences in nats.
struct gain_loss {
    double decisions = 0;  ///< at decisions, from what the model would say without repeating
    double others = 0;     ///< elsewhere, from the unedited model
    friend bool operator==(const gain_loss&, const gain_loss&) = default;
};

/// Factors of a model's targets while they are fitted. Two fits with the same examples and options give the same bits,
/// on any number of threads, where the backend is batch-invariant. The model must outlive it. Memory: six doubles a
/// target and that of a backward pass.
template <class Model>
class gain_fit {
  public:
    /// `longest`: tokens of the longest example; `targets`: its most targets.
    gain_fit(const Model& model, std::size_t longest, std::size_t targets)
        : model_(&model),
          factors_(model.config()),
          gradients_(model.config()),
          first_moments_(model.config()),
          second_moments_(model.config()),
          is_free_(model.config()),
          state_(model.config(), {1, longest, longest, targets}),
          memory_(model.config(), {1, longest, longest, targets}) {
        fill(factors_, 1.0);
    }

    [[nodiscard]] const target_scores& factors() const noexcept { return factors_; }
    /// Lets all targets of a kind be fitted.
    template <target_type Id>
    void free_all() {
        for (std::size_t layer = 0; layer < factors_.layers(); ++layer)
            for (double& free : is_free_.template of<Id>(layer)) free = 1.0;
    }
    [[nodiscard]] std::size_t free_targets() const {
        std::size_t count = 0;
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) { count += at(is_free_, kind, layer, i) > 0; });
        return count;
    }

    /// Of the weighted divergence of one example by every factor.
    template <class Executor>
    const target_scores& gradients(const gain_example& example, const gain_fit_options& options, Executor& executor) {
        fill(gradients_, 0.0);
        pass(example, options, executor);
        return gradients_;
    }

    /// Fits the free factors; no further gradient is computed once the time is over.
    template <class Executor>
    void fit(std::span<const gain_example> examples, const gain_fit_options& options, Executor& executor,
             const time_limit& limit = time_limit::none()) {
        fill(first_moments_, 0.0), fill(second_moments_, 0.0);
        std::vector<std::size_t> order(examples.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::size_t step = 0;
        for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) {
            random_sequence random(options.seed, epoch);
            for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
            for (const std::size_t i : order) {
                if (limit.is_over()) return;
                gradients(examples[i], options, executor);
                descend(++step, options);
            }
        }
    }

    /// Mean divergences over examples with the factors as they are.
    template <class Executor>
    [[nodiscard]] gain_loss loss(std::span<const gain_example> examples, Executor& executor) {
        gain_loss sum;
        double decisions = 0, others = 0;
        for (const gain_example& example : examples) {
            const std::vector<batch_token> tokens = tokens_of(example);
            gain_tap tap(factors_, gradients_);
            const matrix_view logits = model_->decoder().forward(state_, tokens, executor, tap);
            for (std::size_t i = 0; i < example.targets.size(); ++i) {
                const gain_target& target = example.targets[i];
                (target.is_decision ? sum.decisions : sum.others) += add_divergence(target.wanted, logits[i], 0, {});
                (target.is_decision ? decisions : others) += 1;
            }
        }
        sum.decisions /= std::max(decisions, 1.0), sum.others /= std::max(others, 1.0);
        return sum;
    }

    /// Frees the `count` targets whose factors do most, and sets all others back to 1. What a factor does is its
    /// distance from 1 times the root mean square of its gradient in the latest fit. Ties go to the lower kind, layer
    /// and place.
    void keep(std::size_t count) {
        struct place {
            double use;
            std::size_t number;
        };
        std::vector<place> places;
        std::size_t number = 0;
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) {
            const double distance = std::abs(at(factors_, kind, layer, i) - 1);
            places.push_back({distance * std::sqrt(at(second_moments_, kind, layer, i)), number++});
        });
        count = std::min(count, places.size());
        std::partial_sort(
            places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count), places.end(),
            [](const place& a, const place& b) { return a.use != b.use ? a.use > b.use : a.number < b.number; });
        std::vector<bool> kept(places.size());
        for (std::size_t i = 0; i < count; ++i) kept[places[i].number] = places[i].use > 0;
        number = 0;
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) {
            const bool stays = kept[number++];
            at(is_free_, kind, layer, i) = stays ? 1.0 : 0.0;
            if (!stays) at(factors_, kind, layer, i) = 1.0;
        });
    }

    /// Replaces every factor by `round(factor)`.
    template <class Round>
    void round(const Round& to) {
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) {
            double& factor = at(factors_, kind, layer, i);
            factor = to(factor);
        });
    }
    void restore(const target_scores& factors) { factors_ = factors; }

    /// What a fit leaves behind: the place, factor and mean square gradient of every target that is free.
    [[nodiscard]] std::vector<double> state() const {
        std::vector<double> values;
        double place = 0;
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) {
            if (at(is_free_, kind, layer, i) > 0)
                values.insert(values.end(), {place, at(factors_, kind, layer, i), at(second_moments_, kind, layer, i)});
            ++place;
        });
        return values;
    }
    /// All targets that it does not name are fixed at 1. Throws `error` where it is none of this model.
    void set_state(std::span<const double> values) {
        fill(factors_, 1.0), fill(second_moments_, 0.0), fill(is_free_, 0.0);
        double place = 0;
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) {
            if (values.size() >= 3 && values.front() == place) {
                at(is_free_, kind, layer, i) = 1.0;
                at(factors_, kind, layer, i) = values[1], at(second_moments_, kind, layer, i) = values[2];
                values = values.subspan(3);
            }
            ++place;
        });
        if (!values.empty()) throw error("what is remembered of a fit of gains is of another model");
    }

    /// All factors but those of 1.
    [[nodiscard]] plan as_plan() const {
        plan made;
        for_each_target_kind([&]<class Id>(target_kind<Id> /*kind*/) {
            factors_.template for_each<Id>([&](const Id& id, double factor) {
                if (factor != 1.0) made.edits.push_back({id, static_cast<float>(factor)});
            });
        });
        return made;
    }

  private:
    template <class Visitor>
    void for_each_place(const Visitor& visit) const {
        for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
            for (std::size_t layer = 0; layer < factors_.layers(); ++layer)
                for (std::size_t i = 0; i < factors_.template of<Id>(layer).size(); ++i) visit(kind, layer, i);
        });
    }
    template <class Scores, class Id>
    static auto& at(Scores& of, target_kind<Id> /*kind*/, std::size_t layer, std::size_t i) {
        return of.template of<Id>(layer)[i];
    }
    void fill(target_scores& of, double value) const {
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) { at(of, kind, layer, i) = value; });
    }
    [[nodiscard]] static std::vector<batch_token> tokens_of(const gain_example& example) {
        std::vector<batch_token> tokens;
        for (std::size_t t = 0; t < example.tokens.size(); ++t)
            tokens.push_back({example.tokens[t], 0, static_cast<std::int32_t>(t), false});
        for (const gain_target& target : example.targets) tokens[target.position].wants_logits = true;
        return tokens;
    }

    template <class Executor>
    void pass(const gain_example& example, const gain_fit_options& options, Executor& executor) {
        double decisions = 0;
        for (const gain_target& target : example.targets) decisions += target.is_decision ? 1 : 0;
        const double others = static_cast<double>(example.targets.size()) - decisions;
        const std::vector<batch_token> tokens = tokens_of(example);
        const auto seed = [&](const_matrix_view logits, matrix_view gradient) {
            for (std::size_t i = 0; i < example.targets.size(); ++i) {
                const gain_target& target = example.targets[i];
                const double weight =
                    target.is_decision ? options.decision_weight / decisions : options.other_weight / others;
                add_divergence(target.wanted, logits[i], weight, gradient[i]);
            }
        };
        gain_tap tap(factors_, gradients_);
        backward(model_->decoder(), state_, memory_, tokens, seed, tap, executor, tap);
    }

    /// One step of Adam (Kingma, Ba, 2015), then the proximal step of the penalty: factors that stop paying for their
    /// distance come back to 1 exactly.
    void descend(std::size_t step, const gain_fit_options& options) {
        constexpr double decay = 0.9, slow_decay = 0.999, tiny = 1e-8;
        const double first = 1 - std::pow(decay, static_cast<double>(step));
        const double second = 1 - std::pow(slow_decay, static_cast<double>(step));
        for_each_place([&](auto kind, std::size_t layer, std::size_t i) {
            if (at(is_free_, kind, layer, i) == 0) return;
            const double gradient = at(gradients_, kind, layer, i);
            double& mean = at(first_moments_, kind, layer, i);
            double& square = at(second_moments_, kind, layer, i);
            mean = decay * mean + (1 - decay) * gradient;
            square = slow_decay * square + (1 - slow_decay) * gradient * gradient;
            const double pace = options.rate / (std::sqrt(square / second) + tiny);
            double distance = at(factors_, kind, layer, i) - 1 - pace * mean / first;
            const double back = pace * options.sparsity;
            distance = distance > back ? distance - back : distance < -back ? distance + back : 0.0;
            at(factors_, kind, layer, i) = std::clamp(1 + distance, options.smallest, options.largest);
        });
    }

    const Model* model_;
    target_scores factors_, gradients_, first_moments_, second_moments_, is_free_;
    decoder_state state_;
    backward_state memory_;
};

}  // namespace unloop::inline v0

#endif
