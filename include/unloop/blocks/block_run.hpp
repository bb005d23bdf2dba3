// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a block needs to run, gathered once a layer: backend, executor, tap, tokens, traits, caches, scratch space.
#ifndef UNLOOP_BLOCKS_BLOCK_RUN_HPP
#define UNLOOP_BLOCKS_BLOCK_RUN_HPP

#include <unloop/blocks/batch.hpp>
#include <unloop/blocks/key_value_cache.hpp>
#include <unloop/blocks/layer_traits.hpp>
#include <unloop/blocks/rotary_table.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/parallel/executor.hpp>
#include <unloop/tensor/view.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <span>       // tokens

namespace unloop::inline v0 {

/// Scratch space for one pass, [most tokens, widest layer] each; blocks never allocate.
struct block_workspace {
    matrix_view normed, branch;     ///< hidden wide
    matrix_view queries, attended;  ///< query width
    matrix_view keys, values;       ///< key/value width
    matrix_view gate, up;           ///< MLP width

    /// The first `rows` x `columns` of a buffer, dense.
    [[nodiscard]] static matrix_view shaped(matrix_view buffer, std::size_t rows, std::size_t columns) noexcept {
        expects(rows * columns <= buffer.rows() * buffer.columns(),
                "block_workspace: made for fewer or narrower tokens");
        return {buffer.data(), rows, columns};
    }
};

template <class Backend, executor Executor, tap_or_none Tap>
struct block_run {
    const Backend& backend;
    Executor& executor;
    Tap& tap;
    std::span<const batch_token> tokens;
    std::int32_t layer;
    const layer_traits& traits;
    block_workspace& space;
    key_value_cache cache;  ///< of `traits.key_value_layer`
    rotary_angles angles;   ///< of `traits.rotary_table`

    template <class Site>
    void notify(matrix_view values) {
        unloop::notify<Site>(tap, tap_place{layer, tokens}, values);
    }
    /// A scratch buffer with one row a token.
    [[nodiscard]] matrix_view rows_of(matrix_view buffer, std::size_t columns) const noexcept {
        return block_workspace::shaped(buffer, tokens.size(), columns);
    }
};

/// out = x weights^T, the output rows divided over the executor; x: [tokens, columns], out: [tokens, rows].
template <class Backend, executor Executor>
void apply_linear(const Backend& backend, Executor& executor, const weight_view& weights, const_matrix_view x,
                  matrix_view out) {
    // Several pieces a thread even out the load; multiples of 12 leave the register tiles of 3 and 4 rows whole.
    const std::size_t piece = std::max<std::size_t>(weights.rows / (executor.threads() * 4), 1);
    executor.for_each(weights.rows, (piece + 11) / 12 * 12, [&](std::size_t first, std::size_t last) {
        kernels::matmul(backend, weights.slice(first, last - first), x, out.columns(first, last - first));
    });
}

/// Calls `body(t)` for every row of a batch, divided over the executor.
template <executor Executor, class Body>
void for_each_row(Executor& executor, std::size_t rows, const Body& body) {
    executor.for_each(rows, 8, [&](std::size_t first, std::size_t last) {
        for (std::size_t t = first; t < last; ++t) body(t);
    });
}

}  // namespace unloop::inline v0

#endif
