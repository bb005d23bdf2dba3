// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The RMS norm as a block: one weight vector, applied to every token.
#ifndef UNLOOP_BLOCKS_RMS_NORM_HPP
#define UNLOOP_BLOCKS_RMS_NORM_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/rms_norm.hpp>
#include <unloop/kernels/rms_norm_vjp.hpp>

namespace unloop::inline v0 {

/// out = rms_norm(x) * weight, row by row; x, out: [tokens, n], may be the same.
struct rms_norm {
    vector_parameter weight;  ///< [n]; empty: the norm has none

    template <class Backend, executor Executor>
    void forward(const Backend& backend, Executor& executor, float epsilon, const_matrix_view x,
                 matrix_view out) const {
        for_each_row(executor, x.rows(),
                     [&](std::size_t t) { kernels::rms_norm(backend, x[t], weight, epsilon, out[t]); });
    }
    /// One vector of n values, in place.
    template <class Run>
    void forward(const Run& run, std::span<float> x) const {
        kernels::rms_norm(run.backend, x, weight, run.traits.norm_epsilon, x);
    }
    /// Gradients of the output become those of x, row by row in place; x, gradient: [tokens, n].
    template <class Backend, executor Executor>
    void backward(const Backend& backend, Executor& executor, float epsilon, const_matrix_view x,
                  matrix_view gradient) const {
        for_each_row(executor, x.rows(), [&](std::size_t t) {
            kernels::rms_norm_vjp(backend, x[t], weight, epsilon, gradient[t], gradient[t]);
        });
    }
    /// The same for one vector of n values, in place.
    template <class Run>
    void backward(const Run& run, std::span<const float> x, std::span<float> gradient) const {
        kernels::rms_norm_vjp(run.backend, x, weight, run.traits.norm_epsilon, gradient, gradient);
    }
};

}  // namespace unloop::inline v0

#endif
