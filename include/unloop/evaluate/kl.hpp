// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What an edit changes where nothing loops: the divergence of the edited model's next-token distribution.
#ifndef UNLOOP_EVALUATE_KL_HPP
#define UNLOOP_EVALUATE_KL_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/evaluate/forced_run.hpp>
#include <unloop/generate/logit_processor.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // max, max_element, sort
#include <cmath>      // exp, log1p
#include <cstddef>    // size_t
#include <span>       // logits
#include <string>     // names
#include <utility>    // move
#include <vector>     // texts

namespace unloop::inline v0 {

/// The upper end of the divergences of single tokens, nats: a mean hides a few tokens that changed altogether.
struct divergence_tail {
    double p95 = 0;  ///< 95th percentile
    double p99 = 0;
    friend bool operator==(const divergence_tail&, const divergence_tail&) = default;
};

/// KL(unedited || edited) in nats, over the full vocabulary, at answer tokens only.
struct divergence {
    double mean = 0;              ///< over the answer tokens of all texts
    double worst = 0;             ///< largest mean of one text
    std::string worst_text;       ///< its name
    std::size_t tokens = 0;       ///< answer tokens
    std::vector<double> by_text;  ///< mean of each text
    divergence_tail tail;         ///< over the answer tokens of all texts
    std::vector<divergence_tail> tail_by_text;
    friend bool operator==(const divergence&, const divergence&) = default;
};

namespace detail {

/// A distribution that others are compared with: softmax of logits in double.
class reference_distribution {
  public:
    explicit reference_distribution(std::span<const float> logits) : logits_(logits), weights_(logits.size()) {
        const double largest = *std::max_element(logits.begin(), logits.end());
        double sum = 0;
        for (std::size_t i = 0; i < logits.size(); ++i)
            sum += weights_[i] = std::exp(static_cast<double>(logits[i]) - largest);
        for (double& weight : weights_) weight /= sum;
    }

    /// KL(this || softmax(other)). With d = other - logits it is log E[exp d] - E[d], here log1p(E[exp(d - E[d]) - 1]):
    /// 0 exactly for equal logits, and right to some 1e-16 nats, where the difference of two float32 log-sum-exps would
    /// leave 1e-6 of rounding. Infinite only where logits differ by hundreds.
    [[nodiscard]] double divergence_of(std::span<const float> other) const noexcept {
        const auto difference = [&](std::size_t i) { return static_cast<double>(other[i]) - logits_[i]; };
        double mean = 0, sum = 0;
        for (std::size_t i = 0; i < weights_.size(); ++i) mean += weights_[i] * difference(i);
        for (std::size_t i = 0; i < weights_.size(); ++i) sum += weights_[i] * (std::exp(difference(i) - mean) - 1);
        return std::max(0.0, std::log1p(sum));  // what is below 0 is rounding
    }

  private:
    std::span<const float> logits_;
    std::vector<double> weights_;
};

/// Sorts `values`; of n the k-th smallest, k = share * n rounded up: a value that was measured, and no mixture of two.
[[nodiscard]] inline divergence_tail tail_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const auto at = [&](std::size_t percent) { return values[(values.size() * percent + 99) / 100 - 1]; };
    return {at(95), at(99)};
}

/// Keeps what was measured a token, and sums up in the end.
class divergence_sums {
  public:
    explicit divergence_sums(std::size_t texts) : values_(texts) {}
    void add(std::size_t text, double value) { values_[text].push_back(value); }
    [[nodiscard]] divergence finish(std::span<const forced_text> texts) const {
        divergence result;
        double total = 0;
        std::vector<double> all;
        for (std::size_t n = 0; n < texts.size(); ++n) {
            double sum = 0;
            for (const double value : values_[n]) sum += value;
            total += sum;
            all.insert(all.end(), values_[n].begin(), values_[n].end());
            result.by_text.push_back(sum / static_cast<double>(values_[n].size()));
            result.tail_by_text.push_back(tail_of(values_[n]));
            if (n == 0 || result.by_text[n] > result.worst)
                result.worst = result.by_text[n], result.worst_text = texts[n].name;
        }
        result.tokens = all.size();
        if (result.tokens > 0) result.mean = total / static_cast<double>(result.tokens);
        result.tail = tail_of(std::move(all));
        return result;
    }

  private:
    std::vector<std::vector<double>> values_;
};

/// values[i * others + k]: divergence of other k from the reference at position i.
template <executor Executor, class Reference, class Other>
void compare_positions(Executor& executor, std::size_t positions, std::size_t others, const Reference& reference,
                       const Other& other, std::vector<double>& values) {
    values.assign(positions * others, 0);
    executor.for_each(positions, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const reference_distribution expected(reference(i));
            for (std::size_t k = 0; k < others; ++k) values[i * others + k] = expected.divergence_of(other(k, i));
        }
    });
}

}  // namespace detail

/// One divergence for each plan, from the model as it is. All plans and the unedited model read a text side by side.
/// Use texts that no fitting and no search has seen. Throws `error` for a plan that names what the model lacks, and
/// when the progress sink says stop. Cost: a pass over the texts, and for each plan the layers from its lowest edit on
/// and the head; a plan and token adds O(vocabulary) exponentials. Memory: `forced_options::logit_rows`.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<divergence> token_divergences(const Model& model, std::span<const plan* const> plans,
                                                        std::span<const forced_text> texts,
                                                        const forced_options& options = {}, Progress&& progress = {}) {
    std::vector<const plan*> arms{nullptr};
    arms.insert(arms.end(), plans.begin(), plans.end());
    const std::size_t chunk = detail::positions_a_pass(options, arms.size());
    forced_run<Model> run(model, arms, detail::longest_of(texts), chunk);
    thread_pool executor(options.threads);
    std::vector<detail::divergence_sums> sums(plans.size(), detail::divergence_sums(texts.size()));
    std::vector<double> values;
    const auto compare = [&](std::size_t text) {
        detail::compare_positions(
            executor, run.predicted(), plans.size(), [&](std::size_t i) { return run.logits(0, i); },
            [&](std::size_t k, std::size_t i) { return run.logits(k + 1, i); }, values);
        for (std::size_t i = 0; i < values.size(); ++i) sums[i % plans.size()].add(text, values[i]);
    };
    detail::read_texts(texts, chunk, executor, progress, compare, run);
    std::vector<divergence> results;
    for (const detail::divergence_sums& sum : sums) results.push_back(sum.finish(texts));
    return results;
}

/// The same for one plan.
template <class Model>
[[nodiscard]] divergence token_divergence(const Model& model, const plan& edited, std::span<const forced_text> texts,
                                          const forced_options& options = {}) {
    const plan* const only = &edited;
    return token_divergences(model, std::span(&only, 1), texts, options).front();
}

/// Of two loaded models with one vocabulary: KL(`unedited` || `edited`). Throws `error` when the vocabularies differ in
/// size.
template <class Unedited, class Edited>
[[nodiscard]] divergence token_divergence(const Unedited& unedited, const Edited& edited,
                                          std::span<const forced_text> texts, const forced_options& options = {}) {
    if (unedited.config().vocabulary != edited.config().vocabulary)
        throw error("the models cannot be compared: their vocabularies have " +
                    std::to_string(unedited.config().vocabulary) + " and " +
                    std::to_string(edited.config().vocabulary) + " tokens");
    const plan* const none = nullptr;
    const std::size_t longest = detail::longest_of(texts), chunk = detail::positions_a_pass(options, 2);
    forced_run<Unedited> left(unedited, std::span(&none, 1), longest, chunk);
    forced_run<Edited> right(edited, std::span(&none, 1), longest, chunk);
    thread_pool executor(options.threads);
    detail::divergence_sums sums(texts.size());
    std::vector<double> values;
    no_progress silent;
    const auto compare = [&](std::size_t text) {
        detail::compare_positions(
            executor, left.predicted(), 1, [&](std::size_t i) { return left.logits(0, i); },
            [&](std::size_t, std::size_t i) { return right.logits(0, i); }, values);
        for (const double value : values) sums.add(text, value);
    };
    detail::read_texts(texts, chunk, executor, silent, compare, left, right);
    return sums.finish(texts);
}

/// Of a logit processor, a repetition penalty for example: KL(unedited || softmax of the processed logits), the context
/// being the text so far, its prompt included. Infinite when it bans a token that the model may say. Throws `error`
/// when the progress sink says stop.
template <class Model, logit_processor Processor, class Progress = no_progress>
[[nodiscard]] divergence processor_divergence(const Model& model, const Processor& process,
                                              std::span<const forced_text> texts, const forced_options& options = {},
                                              Progress&& progress = {}) {
    const plan* const none = nullptr;
    const std::size_t chunk = detail::positions_a_pass(options, 1);
    forced_run<Model> run(model, std::span(&none, 1), detail::longest_of(texts), chunk);
    thread_pool executor(options.threads);
    detail::divergence_sums sums(texts.size());
    std::vector<std::vector<float>> processed;
    std::vector<double> values;
    const auto compare = [&](std::size_t text) {
        processed.clear();
        for (std::size_t i = 0; i < run.predicted(); ++i) {
            const std::span<const float> logits = run.logits(0, i);
            processed.emplace_back(logits.begin(), logits.end());
            process(std::span(texts[text].tokens).first(run.predicted_from() + i), std::span(processed.back()));
        }
        detail::compare_positions(
            executor, run.predicted(), 1, [&](std::size_t i) { return run.logits(0, i); },
            [&](std::size_t, std::size_t i) { return std::span<const float>(processed[i]); }, values);
        for (const double value : values) sums.add(text, value);
    };
    detail::read_texts(texts, chunk, executor, progress, compare, run);
    return sums.finish(texts);
}

}  // namespace unloop::inline v0

#endif
