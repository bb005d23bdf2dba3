// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The token embedding: where the residual stream begins.
#ifndef UNLOOP_BLOCKS_TOKEN_EMBEDDING_HPP
#define UNLOOP_BLOCKS_TOKEN_EMBEDDING_HPP

#include <unloop/blocks/batch.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/blocks/scratch.hpp>
#include <unloop/kernels/scale.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <cstddef>  // size_t
#include <span>     // tokens

namespace unloop::inline v0 {

/// Shapes and factors of what happens before the first layer.
struct embedding_traits {
    std::size_t vocabulary = 0;
    std::size_t hidden = 0;
    std::size_t layers = 0;
    std::size_t layer_input = 0;  ///< width of each layer's own input; 0: layers have none
    float scale = 1.0F;           ///< factor of the embedding
    float norm_epsilon = 0;
};

/// stream[t] = scale * row `token` of the table; table: [vocabulary, hidden], stream: [tokens, hidden].
struct token_embedding {
    matrix_parameter table;

    template <class Visitor>
    void for_each_parameter(const embedding_traits& traits, Visitor&& visit) {
        visit(parameter_role::embedding, parameter_shape{traits.vocabulary, traits.hidden}, table);
    }
    template <class Backend, executor Executor>
    void forward(const Backend& backend, Executor& executor, const embedding_traits& traits,
                 std::span<const batch_token> tokens, matrix_view stream) const {
        for_each_row(executor, tokens.size(), [&](std::size_t t) {
            decode_row(table, static_cast<std::size_t>(tokens[t].token), stream[t]);
            if (traits.scale != 1.0F) kernels::scale(backend, traits.scale, stream[t]);
        });
    }
    /// Layers get no input but the stream.
    template <class Backend, executor Executor>
    void layer_inputs(const Backend& /*backend*/, Executor& /*executor*/, const embedding_traits& /*traits*/,
                      std::span<const batch_token> /*tokens*/, const_matrix_view /*embedded*/,
                      matrix_view /*out*/) const {}
    template <class Backend, executor Executor>
    void layer_inputs_backward(const Backend& /*backend*/, Executor& /*executor*/, const embedding_traits& /*traits*/,
                               const_matrix_view /*embedded*/, matrix_view /*of_inputs*/, scratch_stack& /*scratch*/,
                               matrix_view /*of_embedded*/) const {}
};

}  // namespace unloop::inline v0

#endif
