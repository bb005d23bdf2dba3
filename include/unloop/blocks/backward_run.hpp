// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a block needs to carry gradients back, beside what it needs to run.
#ifndef UNLOOP_BLOCKS_BACKWARD_RUN_HPP
#define UNLOOP_BLOCKS_BACKWARD_RUN_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/gradient_tap.hpp>
#include <unloop/blocks/layer_record.hpp>
#include <unloop/blocks/scratch.hpp>
#include <unloop/kernels/add.hpp>
#include <unloop/kernels/matmul_transposed.hpp>
#include <unloop/tensor/format.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // choices

namespace unloop::inline v0 {

/// Of one layer that has run already, all tokens of its rows in one pass. `backward` of a part takes the gradient of
/// what it put out, which it may change, and adds to the gradients of what it read.
template <class Backend, executor Executor, gradient_tap_or_none GradientTap>
struct backward_run : block_run<Backend, Executor, no_tap> {
    GradientTap& gradient_tap;
    const layer_record& record;
    scratch_stack& scratch;
    key_value_cache key_value_gradients;    ///< by keys, turned, and by values of `traits.key_value_layer`
    matrix_view layer_input_gradient = {};  ///< [tokens, traits.layer_input]

    /// `experts` of the values, at sites of chosen experts.
    template <class Site>
    void notify_gradient(matrix_view gradients, std::span<const std::int32_t> experts = {}) {
        unloop::notify_gradient<Site>(gradient_tap, this->place(experts), record.template values<Site>(), gradients);
    }
    /// Of a matrix of this layer, as the two factors of the sum over tokens; see `listens_to_weights`.
    void notify_weights(layer_parameter name, const_matrix_view inputs, const_matrix_view gradients) {
        unloop::notify_weights(gradient_tap, {this->layer, name.role, name.expert}, inputs, gradients);
    }
    [[nodiscard]] bool wants_weights() const noexcept { return unloop::wants_weights(gradient_tap); }
};

/// out += gradient weights, the columns divided over the executor; gradient: [tokens, rows], out: [tokens, columns].
template <class Backend, executor Executor>
void apply_linear_transposed(const Backend& backend, Executor& executor, const weight_view& weights,
                             const_matrix_view gradient, matrix_view out) {
    const std::size_t block = visit_format(weights.format, [](auto format) { return decltype(format)::block_values; });
    const std::size_t unit = std::max<std::size_t>(block, 32);  // whole blocks, and whole vectors of any backend
    const std::size_t piece = detail::least_piece(weights.columns, executor.threads(), unit);
    executor.for_each(weights.columns, piece, [&](std::size_t first, std::size_t last) {
        kernels::matmul_transposed(backend, weights.column_slice(first, last - first), gradient,
                                   out.columns(first, last - first));
    });
}

/// to += from, row by row.
template <class Backend, executor Executor>
void add_rows(const Backend& backend, Executor& executor, const_matrix_view from, matrix_view to) {
    for_each_row(executor, to.rows(), [&](std::size_t t) { kernels::add(backend, from[t], to[t]); });
}

}  // namespace unloop::inline v0

#endif
