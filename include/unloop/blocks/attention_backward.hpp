// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Gradients of queries, keys and values from the gradient of what attention gathered.
#ifndef UNLOOP_BLOCKS_ATTENTION_BACKWARD_HPP
#define UNLOOP_BLOCKS_ATTENTION_BACKWARD_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/kernels/add_outer.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/kernels/scale.hpp>
#include <unloop/kernels/softmax.hpp>
#include <unloop/kernels/softmax_vjp.hpp>
#include <unloop/kernels/weighted_sum.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t

namespace unloop::inline v0 {

namespace detail {

/// One key/value head of one row: the query heads that share it, token by token in ascending order, so that each sum
/// has one order.
template <class Mask, class Run>
class head_backward {
  public:
    /// memory: [2 * query heads a key/value head, positions].
    head_backward(const Run& run, std::size_t head, matrix_view memory)
        : run_(run),
          head_(head),
          group_(run.traits.heads / run.traits.key_value_heads),
          size_(run.traits.head_size),
          weights_(memory.rows(0, group_)),
          of_scores_(memory.rows(group_, group_)) {}

    /// queries: turned; of_queries is added to, and so are the gradients of the cache.
    void token(std::size_t t, matrix_view queries, matrix_view of_attended, matrix_view of_queries) const {
        const auto row = static_cast<std::size_t>(run_.tokens[t].row);
        const auto position = static_cast<std::size_t>(run_.tokens[t].position);
        expects(!run_.cache.is_narrow(), "attention: a backward pass needs keys and values in float32");
        expects(position < run_.cache.capacity, "attention: a backward pass needs a cache that holds every position");
        const std::size_t first = Mask::first_visible(run_.traits, position), count = position + 1 - first;
        const auto seen = [&](const float* base) { return run_.cache.tile(base, row, first, count, head_); };
        const auto gradients_of = [&](float* base) {
            return run_.key_value_gradients.tile(base, row, first, count, head_);
        };
        const matrix_view weights = weights_.columns(0, count), of_scores = of_scores_.columns(0, count);
        const matrix_view query = heads_of(queries, t), gradient = heads_of(of_attended, t);
        kernels::matmul(run_.backend, as_weights(seen(run_.cache.keys)), query, weights);
        kernels::matmul(run_.backend, as_weights(seen(run_.cache.values)), gradient, of_scores);
        for (std::size_t q = 0; q < group_; ++q) {
            kernels::scale(run_.backend, run_.traits.attention_scale, weights[q]);
            kernels::softmax(run_.backend, weights[q]);
            kernels::add_outer(run_.backend, weights[q], gradient[q], gradients_of(run_.key_value_gradients.values));
            kernels::softmax_vjp(run_.backend, weights[q], of_scores[q]);
            kernels::scale(run_.backend, run_.traits.attention_scale, of_scores[q]);
            kernels::weighted_sum(run_.backend, of_scores[q], seen(run_.cache.keys), heads_of(of_queries, t)[q]);
            kernels::add_outer(run_.backend, of_scores[q], query[q], gradients_of(run_.key_value_gradients.keys));
        }
    }

  private:
    /// The group's heads of one token, [query heads, head size].
    [[nodiscard]] matrix_view heads_of(matrix_view values, std::size_t t) const noexcept {
        return {values[t].data() + head_ * group_ * size_, group_, size_};
    }

    const Run& run_;
    std::size_t head_, group_, size_;
    matrix_view weights_, of_scores_;
};

}  // namespace detail

/// Adds to the gradients of queries, and to those of the layer's cache, from the gradient of what was attended; all
/// [tokens, query width], queries turned. The attention weights are computed anew. Keys and values of earlier passes
/// take part, and their gradients are left in the cache's. Memory: 8 bytes a query head, row and position.
/// O(tokens * context * query width).
template <class Mask, class Run>
void attend_backward(Run& run, matrix_view queries, matrix_view of_attended, matrix_view of_queries) {
    scratch_scope scope(run.scratch);
    std::size_t rows = 0, positions = 0;
    for (const batch_token& token : run.tokens) {
        rows = std::max(rows, static_cast<std::size_t>(token.row) + 1);
        positions = std::max(positions, static_cast<std::size_t>(token.position) + 1);
    }
    const std::size_t heads = run.traits.key_value_heads, group = run.traits.heads / heads;
    const matrix_view memory = run.scratch.matrix(rows * heads * 2 * group, positions);
    run.executor.for_each(rows * heads, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t item = first; item < last; ++item) {
            const detail::head_backward<Mask, Run> head(run, item % heads, memory.rows(item * 2 * group, 2 * group));
            for (std::size_t t = 0; t < run.tokens.size(); ++t)
                if (static_cast<std::size_t>(run.tokens[t].row) == item / heads)
                    head.token(t, queries, of_attended, of_queries);
        }
    });
}

}  // namespace unloop::inline v0

#endif
