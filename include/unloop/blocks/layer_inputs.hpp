// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Inputs that layers have of their own, made of the tokens once a pass ("per-layer embeddings", PLE).
#ifndef UNLOOP_BLOCKS_LAYER_INPUTS_HPP
#define UNLOOP_BLOCKS_LAYER_INPUTS_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/token_embedding.hpp>
#include <unloop/kernels/scale.hpp>

#include <cmath>    // sqrt
#include <cstddef>  // size_t
#include <span>     // tokens

namespace unloop::inline v0 {

/// An embedding that also gives each layer i an input of width P for every token: (norm(projection_i embedded /
/// sqrt(hidden)) + sqrt(P) * table_i[token]) / sqrt(2) (Gemma 4 E2B, E4B). Nothing where P is 0.
template <class Embedding, class Norm>
struct embedding_with_layer_inputs : Embedding {
    matrix_parameter layer_table;       ///< [vocabulary, layers * P]
    matrix_parameter layer_projection;  ///< [layers * P, hidden]
    Norm layer_norm;                    ///< weight [P], shared by the layers

    template <class Visitor>
    void for_each_parameter(const embedding_traits& traits, Visitor&& visit) {
        Embedding::for_each_parameter(traits, visit);
        if (traits.layer_input == 0) return;
        const std::size_t width = traits.layers * traits.layer_input;
        visit(parameter_role::layer_input_embedding, parameter_shape{traits.vocabulary, width}, layer_table);
        visit(parameter_role::layer_input_projection, parameter_shape{width, traits.hidden}, layer_projection);
        visit(parameter_role::layer_input_norm, parameter_shape{1, traits.layer_input}, layer_norm.weight);
    }
    /// embedded: [tokens, hidden], what `forward` gives; out: [tokens, layers * P], dense. O(tokens * layers * P *
    /// hidden).
    template <class Backend, executor Executor>
    void layer_inputs(const Backend& backend, Executor& executor, const embedding_traits& traits,
                      std::span<const batch_token> tokens, const_matrix_view embedded, matrix_view out) const {
        const std::size_t width = traits.layer_input;
        if (width == 0) return;
        const float projected = 1.0F / std::sqrt(static_cast<float>(traits.hidden));
        const float looked_up = std::sqrt(static_cast<float>(width)), half = std::sqrt(0.5F);
        expects(out.stride(0) == out.columns(), "layer_inputs: out is dense");
        const matrix_view parts(out.data(), out.rows() * traits.layers, width);
        apply_linear(backend, executor, layer_projection, embedded, out);
        for_each_row(executor, out.rows(), [&](std::size_t t) { kernels::scale(backend, projected, out[t]); });
        layer_norm.forward(backend, executor, traits.norm_epsilon, parts, parts);
        for_each_row(executor, out.rows(), [&](std::size_t t) {
            add_decoded_row(layer_table, static_cast<std::size_t>(tokens[t].token), looked_up, out[t]);
            kernels::scale(backend, half, out[t]);
        });
    }
    /// Adds to the gradient of what `forward` gave, [tokens, hidden], from that of all inputs, [tokens, layers * P],
    /// dense, which is changed.
    template <class Backend, executor Executor>
    void layer_inputs_backward(const Backend& backend, Executor& executor, const embedding_traits& traits,
                               const_matrix_view embedded, matrix_view of_inputs, scratch_stack& scratch,
                               matrix_view of_embedded) const {
        if (traits.layer_input == 0) return;
        scratch_scope scope(scratch);
        const float projected = 1.0F / std::sqrt(static_cast<float>(traits.hidden)), half = std::sqrt(0.5F);
        const std::size_t tokens = embedded.rows(), width = traits.layer_input, parts = tokens * traits.layers;
        expects(of_inputs.stride(0) == of_inputs.columns(), "layer_inputs_backward: the gradient is dense");
        const matrix_view normed = scratch.matrix(tokens, of_inputs.columns());
        apply_linear(backend, executor, layer_projection, embedded, normed);
        for_each_row(executor, tokens, [&](std::size_t t) {
            kernels::scale(backend, projected, normed[t]);
            kernels::scale(backend, half, of_inputs[t]);
        });
        layer_norm.backward(backend, executor, traits.norm_epsilon, matrix_view(normed.data(), parts, width),
                            matrix_view(of_inputs.data(), parts, width));
        for_each_row(executor, tokens, [&](std::size_t t) { kernels::scale(backend, projected, of_inputs[t]); });
        apply_linear_transposed(backend, executor, layer_projection, of_inputs, of_embedded);
    }
};

}  // namespace unloop::inline v0

#endif
