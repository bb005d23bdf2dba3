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
#include <cstdint>    // int32_t
#include <span>       // tokens

namespace unloop::inline v0 {

/// Scratch space for routed experts; a pair is a token with one of its chosen experts, in the order of the tokens.
struct expert_workspace {
    matrix_view normed, output;      ///< [most tokens, hidden]
    matrix_view grouped;             ///< [most pairs, hidden], by expert
    matrix_view gate, up, neurons;   ///< [most pairs, expert width]
    matrix_view probabilities;       ///< [most tokens, experts]
    matrix_view weights;             ///< [most tokens, experts used]
    std::span<std::int32_t> chosen;  ///< expert of each pair
    std::span<std::size_t> order;    ///< pairs by expert
    std::span<std::size_t> place;    ///< where each pair stands in `order`
    std::span<std::size_t> begins;   ///< [most experts + 1], where each expert's pairs begin in `order`

    [[nodiscard]] float weight_of(std::size_t pair) const noexcept { return weights.data()[pair]; }
};

/// Scratch space for one pass, [most tokens, widest layer] each; blocks never allocate.
struct block_workspace {
    matrix_view normed, branch;     ///< hidden wide
    matrix_view queries, attended;  ///< query width
    matrix_view keys, values;       ///< key/value width
    matrix_view gate, up;           ///< MLP width
    expert_workspace experts = {};

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
    key_value_cache cache;         ///< of `traits.key_value_layer`
    rotary_angles angles;          ///< of `traits.rotary_table`
    matrix_view layer_input = {};  ///< [tokens, traits.layer_input]

    /// `experts` of the values, at sites of chosen experts.
    template <class Site>
    void notify(matrix_view values, std::span<const std::int32_t> experts = {}) {
        unloop::notify<Site>(tap, place(experts), values);
    }
    /// Where a tap is called in this layer.
    [[nodiscard]] tap_place place(std::span<const std::int32_t> experts = {}) const noexcept {
        return {layer, tokens, experts, traits.head_size};
    }
    /// A scratch buffer with one row a token.
    [[nodiscard]] matrix_view rows_of(matrix_view buffer, std::size_t columns) const noexcept {
        return block_workspace::shaped(buffer, tokens.size(), columns);
    }
};

namespace detail {
/// The smallest piece of a loop over `count` rows or columns of a matrix: several pieces a thread even out the load,
/// and multiples of `unit` leave panels and blocks whole.
[[nodiscard]] constexpr std::size_t least_piece(std::size_t count, std::size_t threads, std::size_t unit) noexcept {
    return (std::max<std::size_t>(count / (threads * 8), 1) + unit - 1) / unit * unit;
}
inline constexpr std::size_t rows_a_panel = 8;
}  // namespace detail

/// out = x weights^T, the output rows divided over the executor; x: [tokens, columns], out: [tokens, rows].
template <class Backend, executor Executor>
void apply_linear(const Backend& backend, Executor& executor, const weight_view& weights, const_matrix_view x,
                  matrix_view out) {
    const std::size_t piece = detail::least_piece(weights.rows, executor.threads(), detail::rows_a_panel);
    executor.for_each(weights.rows, piece, [&](std::size_t first, std::size_t last) {
        kernels::matmul(backend, weights.slice(first, last - first), x, out.columns(first, last - first));
    });
}

/// The same for two matrices of one shape that read the same x, such as gate and up: one loop, so that threads meet
/// once and x is still in the cache.
template <class Backend, executor Executor>
void apply_linear_pair(const Backend& backend, Executor& executor, const weight_view& one, const weight_view& other,
                       const_matrix_view x, matrix_view out_of_one, matrix_view out_of_other) {
    expects(one.rows == other.rows, "apply_linear_pair: both matrices have as many rows");
    const std::size_t piece = detail::least_piece(one.rows, executor.threads(), detail::rows_a_panel);
    executor.for_each(one.rows, piece, [&](std::size_t first, std::size_t last) {
        const std::size_t rows = last - first;
        kernels::matmul(backend, one.slice(first, rows), x, out_of_one.columns(first, rows));
        kernels::matmul(backend, other.slice(first, rows), x, out_of_other.columns(first, rows));
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
