// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matmul_transposed: several vectors times weights in any format, the product that carries gradients back.
#ifndef UNLOOP_KERNELS_MATMUL_TRANSPOSED_HPP
#define UNLOOP_KERNELS_MATMUL_TRANSPOSED_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/tensor/view.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0::kernels {

/// matmul_transposed(backend, weights, gradient, out): out[b, k] += sum over r of gradient[b, r] * weights[r, k], the
/// vector-Jacobian product of matmul; weights: [rows, columns] in any format of the table, differentiated through as
/// they are, gradient: [batch, rows], out: [batch, columns], not aliasing gradient. A batch-invariant backend sums over
/// r in one order, whatever the batch and however the columns are cut. The plain loop sums in double. O(batch * rows *
/// columns).
struct matmul_transposed_t {
    template <class Format>
    static void plain(typed_weights<Format> weights, const_matrix_view gradient, matrix_view out) noexcept {
        float values[Format::block_values];
        for (std::size_t b = 0; b < gradient.rows(); ++b)
            for (std::size_t k = 0, block = 0; k < weights.columns; k += Format::block_values, ++block) {
                double sums[Format::block_values] = {};
                for (std::size_t r = 0; r < weights.rows; ++r) {
                    Format::decode(weights.row(r) + block * Format::block_bytes, values);
                    for (std::size_t i = 0; i < Format::block_values; ++i)
                        sums[i] += static_cast<double>(gradient[b][r]) * static_cast<double>(values[i]);
                }
                for (std::size_t i = 0; i < Format::block_values; ++i) out[b][k + i] += static_cast<float>(sums[i]);
            }
    }
    template <class Backend>
    void operator()(const Backend& backend, const weight_view& weights, const_matrix_view gradient,
                    matrix_view out) const noexcept {
        expects(gradient.columns() == weights.rows && out.columns() == weights.columns && gradient.rows() == out.rows(),
                "matmul_transposed: gradient is [batch, rows], out is [batch, columns]");
        detail::run_weight_kernel<matmul_transposed_t>(backend, weights, gradient, out);
    }
};

inline constexpr matmul_transposed_t matmul_transposed{};

}  // namespace unloop::inline v0::kernels

#endif
