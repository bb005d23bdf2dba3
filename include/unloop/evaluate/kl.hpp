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
#include <cmath>      // exp, isfinite, log1p
#include <cstddef>    // size_t
#include <limits>     // infinity
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
    /// What the edit adds to the mean negative log-likelihood of the answer tokens. Below 0 the edited model predicts
    /// the texts better: the measure where the unedited model is broken, and its distribution no model of health.
    double surprise_rise = 0;
    friend bool operator==(const divergence&, const divergence&) = default;
};

namespace detail {

/// Of one token, nats.
struct token_change {
    double divergence = 0;
    double surprise = 0;  ///< rise of the token's negative log-likelihood
};

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
    /// leave 1e-6 of rounding. Infinite where `other` bans what may be said, or differs by hundreds. Log E[exp d] is
    /// also by how much the normaliser grows, so that the surprise at `token` rises by it less d[token].
    [[nodiscard]] token_change change_to(std::span<const float> other, token_id token) const noexcept {
        const auto difference = [&](std::size_t i) { return static_cast<double>(other[i]) - logits_[i]; };
        double mean = 0, sum = 0;
        for (std::size_t i = 0; i < weights_.size(); ++i)
            if (weights_[i] > 0) mean += weights_[i] * difference(i);
        const double center = std::isfinite(mean) ? mean : 0;
        for (std::size_t i = 0; i < weights_.size(); ++i)
            if (weights_[i] > 0) sum += weights_[i] * (std::exp(difference(i) - center) - 1);
        const double growth = std::log1p(sum);
        return {center == mean ? std::max(0.0, growth) : std::numeric_limits<double>::infinity(),  // < 0 is rounding
                growth + center - difference(static_cast<std::size_t>(token))};
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
    void add(std::size_t text, const token_change& change) {
        values_[text].push_back(change.divergence);
        surprise_ += change.surprise;
    }
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
        if (result.tokens > 0) {
            result.mean = total / static_cast<double>(result.tokens);
            result.surprise_rise = surprise_ / static_cast<double>(result.tokens);
        }
        result.tail = tail_of(std::move(all));
        return result;
    }

  private:
    std::vector<std::vector<double>> values_;
    double surprise_ = 0;
};

/// One divergence for each of `others` from what `reference(position)` says, where `other(k, position)` are logits too,
/// of the positions that `run` predicted last.
template <class Progress, class Run, class Reference, class Other>
std::vector<divergence> divergences_of(std::span<const forced_text> texts, std::size_t others, std::size_t chunk,
                                       const forced_options& options, Progress& progress, Run& run,
                                       const Reference& reference, const Other& other) {
    thread_pool executor(options.threads);
    std::vector<divergence_sums> sums(others, divergence_sums(texts.size()));
    std::vector<token_change> changes;
    const auto compare = [&](std::size_t text) {
        changes.assign(run.predicted() * others, {});
        executor.for_each(run.predicted(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) {
                const reference_distribution expected(reference(i));
                const token_id token = texts[text].tokens[run.predicted_from() + i];
                for (std::size_t k = 0; k < others; ++k)
                    changes[i * others + k] = expected.change_to(other(k, i), token);
            }
        });
        for (std::size_t i = 0; i < changes.size(); ++i) sums[i % others].add(text, changes[i]);
    };
    read_texts(texts, chunk, executor, progress, compare, run);
    std::vector<divergence> results;
    for (const divergence_sums& sum : sums) results.push_back(sum.finish(texts));
    return results;
}

/// Models that read a text in step, none of them edited here.
template <class First, class Other>
struct model_runs {
    forced_run<First> first;
    std::vector<forced_run<Other>> others;

    model_runs(const First& model, std::span<const Other* const> models, std::size_t longest, std::size_t chunk)
        : first(model, std::span(&no_plan, 1), longest, chunk) {
        for (const Other* const one : models) others.emplace_back(*one, std::span(&no_plan, 1), longest, chunk);
    }
    template <class Executor>
    void read(const forced_text& text, std::size_t begin, std::size_t end, Executor& executor) {
        first.read(text, begin, end, executor);
        for (forced_run<Other>& one : others) one.read(text, begin, end, executor);
    }
    [[nodiscard]] std::size_t predicted() const noexcept { return first.predicted(); }
    [[nodiscard]] std::size_t predicted_from() const noexcept { return first.predicted_from(); }

  private:
    static constexpr const plan* no_plan = nullptr;
};

/// A model's logits, and what a processor makes of them.
template <class Model, class Processor>
struct processed_run {
    forced_run<Model> plain;
    const Processor& process;
    std::vector<std::vector<float>> processed;

    template <class Executor>
    void read(const forced_text& text, std::size_t begin, std::size_t end, Executor& executor) {
        plain.read(text, begin, end, executor);
        processed.clear();
        for (std::size_t i = 0; i < plain.predicted(); ++i) {
            const std::span<const float> logits = plain.logits(0, i);
            processed.emplace_back(logits.begin(), logits.end());
            process(std::span(text.tokens).first(plain.predicted_from() + i), std::span(processed.back()));
        }
    }
    [[nodiscard]] std::size_t predicted() const noexcept { return plain.predicted(); }
    [[nodiscard]] std::size_t predicted_from() const noexcept { return plain.predicted_from(); }
};

}  // namespace detail

/// One divergence for each plan, from the model as it is; no plan, no pass. All plans and the unedited model read a
/// text side by side. Use texts that no fitting and no search has seen. Throws `error` for a plan that names what the
/// model lacks, and when the progress sink says stop. Cost: a pass over the texts, and for each plan the layers from
/// its lowest edit on and the head; a plan and token adds O(vocabulary) exponentials. Memory:
/// `forced_options::logit_rows`.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<divergence> token_divergences(const Model& model, std::span<const plan* const> plans,
                                                        std::span<const forced_text> texts,
                                                        const forced_options& options = {}, Progress&& progress = {}) {
    if (plans.empty()) return {};
    std::vector<const plan*> arms{nullptr};
    arms.insert(arms.end(), plans.begin(), plans.end());
    const std::size_t chunk = detail::positions_a_pass(options, arms.size());
    forced_run<Model> run(model, arms, detail::longest_of(texts), chunk);
    return detail::divergences_of(
        texts, plans.size(), chunk, options, progress, run, [&](std::size_t i) { return run.logits(0, i); },
        [&](std::size_t k, std::size_t i) { return run.logits(k + 1, i); });
}

/// The same for one plan.
template <class Model>
[[nodiscard]] divergence token_divergence(const Model& model, const plan& edited, std::span<const forced_text> texts,
                                          const forced_options& options = {}) {
    const plan* const only = &edited;
    return token_divergences(model, std::span(&only, 1), texts, options).front();
}

/// Of loaded models with one vocabulary: KL(`unedited` || each of `edited`), one pass of each over the texts. Throws
/// `error` when the vocabularies differ in size, and when the progress sink says stop.
template <class Unedited, class Edited, class Progress = no_progress>
[[nodiscard]] std::vector<divergence> token_divergences(const Unedited& unedited, std::span<const Edited* const> edited,
                                                        std::span<const forced_text> texts,
                                                        const forced_options& options = {}, Progress&& progress = {}) {
    if (edited.empty()) return {};
    for (const Edited* const one : edited)
        if (unedited.config().vocabulary != one->config().vocabulary)
            throw error("the models cannot be compared: their vocabularies have " +
                        std::to_string(unedited.config().vocabulary) + " and " +
                        std::to_string(one->config().vocabulary) + " tokens");
    const std::size_t chunk = detail::positions_a_pass(options, 1 + edited.size());
    detail::model_runs<Unedited, Edited> runs(unedited, edited, detail::longest_of(texts), chunk);
    return detail::divergences_of(
        texts, edited.size(), chunk, options, progress, runs, [&](std::size_t i) { return runs.first.logits(0, i); },
        [&](std::size_t k, std::size_t i) { return runs.others[k].logits(0, i); });
}

/// The same for one edited model.
template <class Unedited, class Edited>
[[nodiscard]] divergence token_divergence(const Unedited& unedited, const Edited& edited,
                                          std::span<const forced_text> texts, const forced_options& options = {}) {
    const Edited* const only = &edited;
    return token_divergences(unedited, std::span<const Edited* const>(&only, 1), texts, options).front();
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
    detail::processed_run<Model, Processor> run{
        {model, std::span(&none, 1), detail::longest_of(texts), chunk}, process, {}};
    return detail::divergences_of(
               texts, 1, chunk, options, progress, run, [&](std::size_t i) { return run.plain.logits(0, i); },
               [&](std::size_t, std::size_t i) { return std::span<const float>(run.processed[i]); })
        .front();
}

}  // namespace unloop::inline v0

#endif
