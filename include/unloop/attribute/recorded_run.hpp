// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A record run through the model once more, with the activations that attribution reads.
#ifndef UNLOOP_ATTRIBUTE_RECORDED_RUN_HPP
#define UNLOOP_ATTRIBUTE_RECORDED_RUN_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // copy
#include <cstddef>    // size_t
#include <span>       // tokens
#include <vector>     // activations

namespace unloop::inline v0 {

/// Positions 0 .. T-1 of prompt + answer, up to the last decision; L layers. Memory: 4 T L (hidden + width) bytes.
struct recorded_run {
    std::vector<token_id> tokens;  ///< [T]
    std::size_t prompt_tokens = 0;
    std::size_t onset = 0;  ///< first position of the second copy: where repeating begins
    std::vector<decision> decisions;
    std::vector<std::vector<float>> residual;  ///< by layer, and the last one behind them: [T, hidden]
    std::vector<std::vector<float>> neurons;   ///< by layer: [T, width]
    std::vector<std::vector<float>> logits;    ///< by decision: [vocabulary]

    [[nodiscard]] std::size_t length() const noexcept { return tokens.size(); }
    [[nodiscard]] const_matrix_view residual_of(std::size_t layer) const noexcept {
        return {residual[layer].data(), length(), residual[layer].size() / length()};
    }
    [[nodiscard]] const_matrix_view neurons_of(std::size_t layer) const noexcept {
        return {neurons[layer].data(), length(), neurons[layer].size() / length()};
    }
};

namespace detail {

/// Keeps residual stream and neurons of one row.
struct run_recorder {
    recorded_run& run;
    void operator()(sites::residual, const tap_place& place, matrix_view values) const {
        keep(run.residual[static_cast<std::size_t>(place.layer)], values);
    }
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) const {
        keep(run.neurons[static_cast<std::size_t>(place.layer)], values);
    }
    static void keep(std::vector<float>& to, const_matrix_view values) {
        to.assign(values.data(), values.data() + values.rows() * values.columns());
    }
};

}  // namespace detail

/// Copies one row's tokens into a pass, wanting logits one position before each decision.
inline void append_row(std::vector<batch_token>& pass, const recorded_run& run, std::int32_t row) {
    const std::size_t first = pass.size();
    for (std::size_t t = 0; t < run.length(); ++t)
        pass.push_back({run.tokens[t], row, static_cast<std::int32_t>(t), false});
    for (const decision& at : run.decisions) pass[first + at.position - 1].wants_logits = true;
}

/// Runs `tokens` (prompt and answer) and fills activations and the logits of `run.decisions`, whose positions ascend.
template <class Decoder, class Executor>
void record_activations(const Decoder& decoder, Executor& executor, recorded_run& run) {
    run.residual.resize(decoder.config().layers.size() + 1);
    run.neurons.resize(decoder.config().layers.size());
    std::vector<batch_token> pass;
    append_row(pass, run, 0);
    decoder_state state(decoder.config(), {1, run.length(), run.length(), run.decisions.size()});
    detail::run_recorder recorder{run};
    const matrix_view logits = decoder.forward(state, pass, executor, recorder);
    run.logits.clear();
    for (std::size_t d = 0; d < logits.rows(); ++d) run.logits.emplace_back(logits[d].begin(), logits[d].end());
}

}  // namespace unloop::inline v0

#endif
