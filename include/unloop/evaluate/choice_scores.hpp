// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How probable each of several answers is after one prompt, the prompt being read once.
#ifndef UNLOOP_EVALUATE_CHOICE_SCORES_HPP
#define UNLOOP_EVALUATE_CHOICE_SCORES_HPP

#include <unloop/blocks/tap.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/kernels/log_sum_exp.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel/executor.hpp>

#include <algorithm>  // max, min
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // tokens
#include <vector>     // scores

namespace unloop::inline v0 {

namespace detail {

/// One row holds the prompt; the others take up a copy of it and one candidate each.
template <class Model, class Executor>
class choice_reader {
  public:
    choice_reader(const Model& model, std::span<const token_id> prompt, std::size_t longest, Executor& executor)
        : model_(model),
          prompt_(prompt),
          executor_(executor),
          state_(model.config(), {rows + 1, prompt.size() + longest, std::max(prompt.size(), rows * longest),
                                  std::max<std::size_t>(rows * longest, 1)}) {}

    /// Logits that follow the prompt, valid until the next pass.
    [[nodiscard]] std::span<const float> read_prompt() {
        std::vector<batch_token> pass;
        for (std::size_t t = 0; t < prompt_.size(); ++t)
            pass.push_back({prompt_[t], 0, static_cast<std::int32_t>(t), t + 1 == prompt_.size()});
        no_tap none;
        return model_.decoder().forward(state_, pass, executor_, none)[0];
    }
    /// Adds to each sum the log-probabilities of its candidate's tokens but the first; at most `rows` candidates.
    void add_rest(std::span<const std::vector<token_id>> candidates, std::span<double> sums) {
        std::vector<batch_token> pass;
        for (std::size_t k = 0; k < candidates.size(); ++k) {
            state_.share_row(0, k + 1, prompt_.size(), prompt_.size());
            for (std::size_t t = 0; t + 1 < candidates[k].size(); ++t)
                pass.push_back({candidates[k][t], static_cast<std::int32_t>(k + 1),
                                static_cast<std::int32_t>(prompt_.size() + t), true});
        }
        if (pass.empty()) return;
        no_tap none;
        const matrix_view logits = model_.decoder().forward(state_, pass, executor_, none);
        for (std::size_t i = 0, k = 0; k < candidates.size(); ++k)
            for (std::size_t t = 1; t < candidates[k].size(); ++t)
                sums[k] += log_probability(logits[i++], candidates[k][t]);
    }
    [[nodiscard]] double log_probability(std::span<const float> logits, token_id token) const noexcept {
        return static_cast<double>(logits[static_cast<std::size_t>(token)]) -
               kernels::log_sum_exp(model_.decoder().backend(), logits);
    }

    static constexpr std::size_t rows = 16;

  private:
    const Model& model_;
    std::span<const token_id> prompt_;
    Executor& executor_;
    decoder_state state_;
};

}  // namespace detail

/// Mean log-probability, in nats a token, of each of `candidates` as the continuation of `prompt`: answers of different
/// lengths can be compared. Neither is empty. Cost: one pass over the prompt and one over the candidates. Memory: keys
/// and values of 17 rows, and their logits.
template <class Model, executor Executor>
[[nodiscard]] std::vector<double> choice_scores(const Model& model, std::span<const token_id> prompt,
                                                std::span<const std::vector<token_id>> candidates, Executor& pool) {
    expects(!prompt.empty(), "choice_scores: a prompt");
    std::size_t longest = 0;
    for (const std::vector<token_id>& candidate : candidates) {
        expects(!candidate.empty(), "choice_scores: no candidate is empty");
        longest = std::max(longest, candidate.size());
    }
    detail::choice_reader<Model, Executor> reader(model, prompt, longest, pool);
    std::vector<double> scores;
    const std::span<const float> first = reader.read_prompt();
    for (const std::vector<token_id>& candidate : candidates)
        scores.push_back(reader.log_probability(first, candidate.front()));
    for (std::size_t k = 0; k < candidates.size(); k += reader.rows) {
        const std::size_t count = std::min(reader.rows, candidates.size() - k);
        reader.add_rest(candidates.subspan(k, count), std::span(scores).subspan(k, count));
    }
    for (std::size_t k = 0; k < candidates.size(); ++k) scores[k] /= static_cast<double>(candidates[k].size());
    return scores;
}

}  // namespace unloop::inline v0

#endif
