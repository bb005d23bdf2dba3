// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A residual part that multiplies the whole stream by one number.
#ifndef UNLOOP_BLOCKS_LAYER_SCALE_HPP
#define UNLOOP_BLOCKS_LAYER_SCALE_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/scale.hpp>

namespace unloop::inline v0 {

/// stream *= factor, at the end of a layer; stream: [tokens, hidden].
struct layer_scale {
    vector_parameter factor;  ///< [1]

    template <class Visitor>
    void for_each_parameter(const layer_traits& /*traits*/, Visitor&& visit) {
        visit(parameter_role::layer_scale, parameter_shape{1, 1}, factor);
    }
    template <class Run>
    void apply(Run& run, matrix_view stream) const {
        for_each_row(run.executor, stream.rows(),
                     [&](std::size_t t) { kernels::scale(run.backend, factor[0], stream[t]); });
    }
    /// The gradient of the stream, in place.
    template <class Run>
    void backward(Run& run, const_matrix_view /*stream*/, matrix_view gradient) const {
        apply(run, gradient);
    }
};

}  // namespace unloop::inline v0

#endif
