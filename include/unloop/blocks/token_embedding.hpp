// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The token embedding: where the residual stream begins.
#ifndef UNLOOP_BLOCKS_TOKEN_EMBEDDING_HPP
#define UNLOOP_BLOCKS_TOKEN_EMBEDDING_HPP

#include <unloop/blocks/batch.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <cstddef>  // size_t
#include <span>     // tokens

namespace unloop::inline v0 {

/// stream[t] = row `token` of the table; table: [vocabulary, hidden], stream: [tokens, hidden].
struct token_embedding {
    matrix_parameter table;

    void forward(std::span<const batch_token> tokens, matrix_view stream) const {
        for (std::size_t t = 0; t < tokens.size(); ++t)
            decode_row(table, static_cast<std::size_t>(tokens[t].token), stream[t]);
    }
};

}  // namespace unloop::inline v0

#endif
