// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How much targets write: activations times the norms of what they are multiplied with.
#ifndef UNLOOP_ATTRIBUTE_TARGET_STRENGTH_HPP
#define UNLOOP_ATTRIBUTE_TARGET_STRENGTH_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/model/parameter_table.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>  // min
#include <cmath>      // abs, sqrt
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // one token
#include <vector>     // norms

namespace unloop::inline v0 {

/// Euclidean norm of each column of `down`, [width]. O(hidden * width).
[[nodiscard]] inline std::vector<double> column_norms(const weight_view& down) {
    std::vector<double> norms(down.columns);
    std::vector<float> row(down.columns);
    for (std::size_t h = 0; h < down.rows; ++h) {
        decode_row(down, h, row);
        for (std::size_t j = 0; j < row.size(); ++j)
            norms[j] += static_cast<double>(row[j]) * static_cast<double>(row[j]);
    }
    for (double& norm : norms) norm = std::sqrt(norm);
    return norms;
}

/// Calls `add(token, head, norm)` with the Euclidean norm of what each head writes into its branch. output: the
/// attention's output projection; channels: [tokens, heads * head_size]. O(tokens * hidden * query width).
template <class Backend, class Add>
void for_each_head_norm(const Backend& backend, const weight_view& output, const_matrix_view channels,
                        std::size_t head_size, const Add& add) {
    constexpr std::size_t most_rows = 64;  // of the projection, decoded at a time
    const std::size_t heads = output.columns / head_size, tokens = channels.rows();
    std::vector<float> decoded(most_rows * output.columns), written(tokens * most_rows);
    std::vector<double> squares(tokens * heads);
    for (std::size_t first = 0; first < output.rows; first += most_rows) {
        const std::size_t rows = std::min(most_rows, output.rows - first);
        const matrix_view weights(decoded.data(), rows, output.columns), out(written.data(), tokens, rows);
        for (std::size_t r = 0; r < rows; ++r) decode_row(output, first + r, weights[r]);
        for (std::size_t h = 0; h < heads; ++h) {
            kernels::matmul(backend, as_weights(weights.columns(h * head_size, head_size)),
                            channels.columns(h * head_size, head_size), out);
            for (std::size_t t = 0; t < tokens; ++t)
                for (const float value : out[t])
                    squares[t * heads + h] += static_cast<double>(value) * static_cast<double>(value);
        }
    }
    for (std::size_t i = 0; i < squares.size(); ++i) add(i / heads, i % heads, std::sqrt(squares[i]));
}

/// Adds up strengths over tokens: of a neuron |neuron| times the norm of its column of `down`; of an expert's neuron
/// that times the expert's weight; of an expert the root of the sum of squares of its neurons (as if their columns were
/// orthogonal); of a head the norm of what it writes. All in units of the branch, before any norm behind it; 0 where a
/// token did not choose the expert.
class target_strength {
  public:
    /// Takes the norms of one layer's columns; `parameters` must outlive it. O(hidden * width), and as much for each
    /// expert.
    target_strength(const parameter_table& parameters, std::size_t layer, const layer_dimensions& dimensions)
        : index_(static_cast<std::int32_t>(layer)) {
        const matrix_parameter* const down = parameters.matrix({index_, parameter_role::down});
        if (down != nullptr) dense_ = column_norms(*down);
        output_ = parameters.matrix({index_, parameter_role::attention_output});
        head_size_ = dimensions.head_size;
        for (std::size_t e = 0; e < dimensions.experts; ++e)
            experts_.push_back(
                column_norms(*parameters.matrix({index_, parameter_role::expert_down, static_cast<std::int32_t>(e)})));
    }

    /// The dense neurons of one token, times `share`.
    void add_neurons(std::span<const float> neurons, double share, target_scores& to) const {
        std::vector<double>& layer = to.of<neuron_id>(static_cast<std::size_t>(index_));
        for (std::size_t j = 0; j < neurons.size(); ++j)
            layer[j] += share * std::abs(static_cast<double>(neurons[j])) * dense_[j];
    }
    /// The heads of many tokens, times `share`; channels: [tokens, heads * head size].
    template <class Backend>
    void add_heads(const Backend& backend, const_matrix_view channels, double share, target_scores& to) const {
        if (output_ == nullptr) return;
        std::vector<double>& layer = to.of<head_id>(static_cast<std::size_t>(index_));
        for_each_head_norm(backend, *output_, channels, head_size_,
                           [&](std::size_t /*token*/, std::size_t head, double norm) { layer[head] += share * norm; });
    }
    /// One chosen expert of one token, times `share`.
    void add_expert(std::int32_t expert, float weight, std::span<const float> neurons, double share,
                    target_scores& to) const {
        const std::vector<double>& norms = experts_[static_cast<std::size_t>(expert)];
        double squares = 0;
        for (std::size_t j = 0; j < neurons.size(); ++j) {
            const double strength = std::abs(static_cast<double>(weight) * static_cast<double>(neurons[j])) * norms[j];
            squares += strength * strength;
            to[expert_neuron_id{index_, expert, static_cast<std::int32_t>(j)}] += share * strength;
        }
        to[expert_id{index_, expert}] += share * std::sqrt(squares);
    }

  private:
    std::int32_t index_;
    std::vector<double> dense_;
    std::vector<std::vector<double>> experts_;
    const matrix_parameter* output_ = nullptr;
    std::size_t head_size_ = 0;
};

}  // namespace unloop::inline v0

#endif
