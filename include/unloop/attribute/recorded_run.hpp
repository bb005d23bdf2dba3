// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A record run through the model once more, with the activations that attribution reads.
#ifndef UNLOOP_ATTRIBUTE_RECORDED_RUN_HPP
#define UNLOOP_ATTRIBUTE_RECORDED_RUN_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // find
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // tokens
#include <vector>     // activations

namespace unloop::inline v0 {

/// What the routed experts of one layer did; empty where it has none. K experts a token.
struct recorded_experts {
    std::vector<std::int32_t> chosen;  ///< [T, K], most probable first
    std::vector<float> weights;        ///< [T, K], factors of the chosen experts' outputs
    std::vector<float> neurons;        ///< [T, K, expert width], before the factors

    [[nodiscard]] bool has_chosen(std::int32_t expert) const noexcept {
        return std::find(chosen.begin(), chosen.end(), expert) != chosen.end();
    }
};

/// Mean squares of what the branches of one layer put out, before any norm behind them; [T] each, empty where the
/// layer has no such branch.
struct recorded_squares {
    std::vector<float> attention;
    std::vector<float> dense;         ///< of the dense MLP, where experts stand beside it
    std::vector<float> experts;       ///< of the experts' weighted sum
    std::vector<float> feed_forward;  ///< of the whole branch
    std::vector<float> layer_input;   ///< of what the layer's own input puts out, where it has one
};

/// Positions 0 .. T-1 of prompt + answer, up to the last decision; L layers. Memory: 4 T L (hidden + query width +
/// width + K expert widths) bytes.
struct recorded_run {
    std::vector<token_id> tokens;  ///< [T]
    std::size_t prompt_tokens = 0;
    std::size_t onset = 0;                         ///< first position of the second copy: where repeating begins
    std::vector<decision> decisions;               ///< of different positions, ascending
    std::vector<std::vector<float>> residual;      ///< by layer, and the last one behind them: [T, hidden]
    std::vector<std::vector<float>> heads;         ///< by layer: [T, heads * head size], input of the output projection
    std::vector<std::vector<float>> neurons;       ///< by layer: [T, width]
    std::vector<recorded_experts> experts;         ///< by layer
    std::vector<recorded_squares> squares;         ///< by layer
    std::vector<std::vector<float>> layer_inputs;  ///< by layer, what its own input puts out: [T, hidden], or empty
    std::vector<std::vector<float>> logits;        ///< by decision: [vocabulary]

    [[nodiscard]] std::size_t length() const noexcept { return tokens.size(); }
    [[nodiscard]] const_matrix_view residual_of(std::size_t layer) const noexcept { return rows_of(residual[layer]); }
    [[nodiscard]] const_matrix_view heads_of(std::size_t layer) const noexcept { return rows_of(heads[layer]); }
    /// No columns where the layer has no dense MLP.
    [[nodiscard]] const_matrix_view neurons_of(std::size_t layer) const noexcept { return rows_of(neurons[layer]); }
    /// Experts of one token in this layer.
    [[nodiscard]] std::size_t experts_used(std::size_t layer) const noexcept {
        return experts[layer].chosen.size() / length();
    }
    /// Calls `visit(expert, weight, neurons)` for every expert that position `t` chose.
    template <class Visitor>
    void for_each_chosen(std::size_t layer, std::size_t t, const Visitor& visit) const {
        const recorded_experts& of = experts[layer];
        const std::size_t used = experts_used(layer);
        if (used == 0) return;
        const std::size_t width = of.neurons.size() / of.chosen.size();
        for (std::size_t choice = t * used; choice < (t + 1) * used; ++choice)
            visit(of.chosen[choice], of.weights[choice], std::span(of.neurons).subspan(choice * width, width));
    }

  private:
    [[nodiscard]] const_matrix_view rows_of(const std::vector<float>& values) const noexcept {
        return {values.data(), length(), values.size() / length()};
    }
};

namespace detail {

/// Keeps what `recorded_run` holds, of one row.
struct run_recorder {
    recorded_run& run;

    void operator()(sites::residual, const tap_place& place, matrix_view values) const {
        keep(run.residual[index(place)], values);
    }
    void operator()(sites::attention_heads, const tap_place& place, matrix_view values) const {
        keep(run.heads[index(place)], values);
    }
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) const {
        keep(run.neurons[index(place)], values);
    }
    void operator()(sites::expert_weights, const tap_place& place, matrix_view values) const {
        recorded_experts& experts = run.experts[index(place)];
        experts.chosen.assign(place.experts.begin(), place.experts.end());
        keep(experts.weights, values);
    }
    void operator()(sites::expert_neurons, const tap_place& place, matrix_view values) const {
        keep(run.experts[index(place)].neurons, values);
    }
    void operator()(sites::attention_output, const tap_place& place, matrix_view values) const {
        keep_squares(run.squares[index(place)].attention, values);
    }
    void operator()(sites::dense_output, const tap_place& place, matrix_view values) const {
        keep_squares(run.squares[index(place)].dense, values);
    }
    void operator()(sites::experts_output, const tap_place& place, matrix_view values) const {
        keep_squares(run.squares[index(place)].experts, values);
    }
    void operator()(sites::mlp_output, const tap_place& place, matrix_view values) const {
        keep_squares(run.squares[index(place)].feed_forward, values);
    }
    void operator()(sites::layer_input_output, const tap_place& place, matrix_view values) const {
        keep_squares(run.squares[index(place)].layer_input, values);
        keep(run.layer_inputs[index(place)], values);
    }

  private:
    static std::size_t index(const tap_place& place) noexcept { return static_cast<std::size_t>(place.layer); }
    static void keep(std::vector<float>& to, const_matrix_view values) {
        to.assign(values.data(), values.data() + values.rows() * values.columns());
    }
    static void keep_squares(std::vector<float>& to, const_matrix_view values) {
        to.clear();
        for (std::size_t t = 0; t < values.rows(); ++t) {
            double sum = 0;
            for (const float value : values[t]) sum += static_cast<double>(value) * static_cast<double>(value);
            to.push_back(static_cast<float>(sum / static_cast<double>(values.columns())));
        }
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
    const std::size_t layers = decoder.config().layers.size();
    run.residual.resize(layers + 1);
    run.heads.resize(layers), run.neurons.resize(layers), run.experts.resize(layers), run.squares.resize(layers),
        run.layer_inputs.resize(layers);
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
