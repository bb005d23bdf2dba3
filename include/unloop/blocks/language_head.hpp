// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The head: from the normed residual stream to logits over the vocabulary.
#ifndef UNLOOP_BLOCKS_LANGUAGE_HEAD_HPP
#define UNLOOP_BLOCKS_LANGUAGE_HEAD_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>

namespace unloop::inline v0 {

/// logits = normed weights^T; normed: [tokens, hidden], logits: [tokens, vocabulary]. A tied head has the embedding's
/// table as its weights.
struct language_head {
    matrix_parameter weights;  ///< [vocabulary, hidden]

    template <class Backend, executor Executor>
    void forward(const Backend& backend, Executor& executor, const_matrix_view normed, matrix_view logits) const {
        apply_linear(backend, executor, weights, normed, logits);
    }
};

}  // namespace unloop::inline v0

#endif
