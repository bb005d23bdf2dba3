// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The head: from the normed residual stream to logits over the vocabulary.
#ifndef UNLOOP_BLOCKS_LANGUAGE_HEAD_HPP
#define UNLOOP_BLOCKS_LANGUAGE_HEAD_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/soft_cap.hpp>
#include <unloop/kernels/soft_cap_vjp.hpp>

namespace unloop::inline v0 {

/// logits = normed weights^T, then cap * tanh(logits / cap) unless `cap` is 0; normed: [tokens, hidden], logits:
/// [tokens, vocabulary]. A tied head has the embedding's table as its weights.
struct language_head {
    matrix_parameter weights;  ///< [vocabulary, hidden]

    template <class Backend, executor Executor>
    void forward(const Backend& backend, Executor& executor, float cap, const_matrix_view normed,
                 matrix_view logits) const {
        apply_linear(backend, executor, weights, normed, logits);
        if (cap == 0) return;
        executor.for_each(logits.columns(), 4096, [&](std::size_t first, std::size_t last) {
            const matrix_view band = logits.columns(first, last - first);
            for (std::size_t t = 0; t < band.rows(); ++t) kernels::soft_cap(backend, cap, band[t]);
        });
    }
    /// Adds to the gradient of normed from that of the logits, which is changed; logits: what `forward` gave, read
    /// where there is a cap.
    template <class Backend, executor Executor>
    void backward(const Backend& backend, Executor& executor, float cap, const_matrix_view logits, matrix_view gradient,
                  matrix_view of_normed) const {
        if (cap != 0)
            for_each_row(executor, gradient.rows(),
                         [&](std::size_t t) { kernels::soft_cap_vjp(backend, cap, logits[t], gradient[t]); });
        apply_linear_transposed(backend, executor, weights, gradient, of_normed);
    }
};

}  // namespace unloop::inline v0

#endif
