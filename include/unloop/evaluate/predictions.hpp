// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How well a model predicts texts that it is given: share of tokens that were its first choice, and their surprise.
#ifndef UNLOOP_EVALUATE_PREDICTIONS_HPP
#define UNLOOP_EVALUATE_PREDICTIONS_HPP

#include <unloop/evaluate/forced_run.hpp>
#include <unloop/evaluate/rate.hpp>
#include <unloop/kernels/argmax.hpp>
#include <unloop/kernels/log_sum_exp.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <cstddef>  // size_t
#include <span>     // plans, texts
#include <vector>   // results

namespace unloop::inline v0 {

/// Means over texts, with intervals over texts, because the tokens of one text depend on each other.
struct prediction_score {
    average accuracy;        ///< share of answer tokens that the model finds most probable
    average surprise;        ///< mean negative log-likelihood of answer tokens, nats
    std::size_t tokens = 0;  ///< answer tokens of all texts
    std::vector<double> accuracy_by_text;
    std::vector<double> surprise_by_text;
    friend bool operator==(const prediction_score&, const prediction_score&) = default;
};

namespace detail {

/// Sums of one arm over the tokens of each text.
struct prediction_sums {
    std::vector<double> hits, surprise, tokens;

    explicit prediction_sums(std::size_t texts) : hits(texts), surprise(texts), tokens(texts) {}
    template <class Backend>
    void add(const Backend& backend, std::size_t text, std::span<const float> logits, token_id token) noexcept {
        const auto wanted = static_cast<std::size_t>(token);
        hits[text] += kernels::argmax(backend, logits) == wanted ? 1 : 0;
        surprise[text] += static_cast<double>(kernels::log_sum_exp(backend, logits)) - logits[wanted];
        tokens[text] += 1;
    }
    [[nodiscard]] prediction_score finish() const {
        prediction_score score;
        for (std::size_t n = 0; n < tokens.size(); ++n) {
            score.tokens += static_cast<std::size_t>(tokens[n]);
            score.accuracy_by_text.push_back(hits[n] / tokens[n]);
            score.surprise_by_text.push_back(surprise[n] / tokens[n]);
        }
        score.accuracy = average_of(score.accuracy_by_text);
        score.surprise = average_of(score.surprise_by_text);
        return score;
    }
};

}  // namespace detail

/// One score for each plan (null: the model as it is); all read a text side by side. Throws `error` for a plan that
/// names what the model lacks, and when the progress sink says stop. Memory: `forced_options::logit_rows`.
template <class Model, class Progress = no_progress>
[[nodiscard]] std::vector<prediction_score> score_predictions(const Model& model, std::span<const plan* const> plans,
                                                              std::span<const forced_text> texts,
                                                              const forced_options& options = {},
                                                              Progress&& progress = {}) {
    const std::size_t chunk = detail::positions_a_pass(options, plans.size());
    forced_run<Model> run(model, plans, detail::longest_of(texts), chunk);
    thread_pool executor(options.threads);
    std::vector<detail::prediction_sums> sums(plans.size(), detail::prediction_sums(texts.size()));
    const auto judge = [&](std::size_t text) {
        executor.for_each(plans.size(), 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t arm = first; arm < last; ++arm)
                for (std::size_t i = 0; i < run.predicted(); ++i)
                    sums[arm].add(model.decoder().backend(), text, run.logits(arm, i),
                                  texts[text].tokens[run.predicted_from() + i]);
        });
    };
    detail::read_texts(texts, chunk, executor, progress, judge, run);
    std::vector<prediction_score> scores;
    for (const detail::prediction_sums& sum : sums) scores.push_back(sum.finish());
    return scores;
}

/// The same for one plan, or for the model as it is.
template <class Model>
[[nodiscard]] prediction_score score_predictions(const Model& model, const plan* edited,
                                                 std::span<const forced_text> texts,
                                                 const forced_options& options = {}) {
    return score_predictions(model, std::span(&edited, 1), texts, options).front();
}

}  // namespace unloop::inline v0

#endif
