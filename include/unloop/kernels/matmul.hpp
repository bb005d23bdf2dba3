// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matmul: weights in any format times several vectors, the product that a batch or a prompt needs.
#ifndef UNLOOP_KERNELS_MATMUL_HPP
#define UNLOOP_KERNELS_MATMUL_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/kernels/matvec.hpp>
#include <unloop/tensor/view.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0::kernels {

/// matmul(backend, weights, x, out): out[b, r] = sum over k of weights[r, k] * x[b, k]; weights: [rows, columns] in any
/// format of the table, x: [batch, columns], out: [batch, rows], not aliasing x. A batch-invariant backend gives the
/// bits of matvec for every row of the batch. O(batch * rows * columns).
struct matmul_t {
    template <class Format>
    static void plain(typed_weights<Format> weights, const_matrix_view x, matrix_view out) noexcept {
        for (std::size_t b = 0; b < x.rows(); ++b) matvec_t::plain(weights, x[b], out[b]);
    }
    template <class Backend>
    void operator()(const Backend& backend, const weight_view& weights, const_matrix_view x,
                    matrix_view out) const noexcept {
        expects(x.columns() == weights.columns && out.columns() == weights.rows && x.rows() == out.rows(),
                "matmul: x is [batch, columns], out is [batch, rows]");
        detail::run_weight_kernel<matmul_t>(backend, weights, x, out);
    }
};

inline constexpr matmul_t matmul{};

}  // namespace unloop::inline v0::kernels

#endif
