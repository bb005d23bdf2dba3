// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// weighted_sum: the sum of rows, each with its own weight; how attention gathers values.
#ifndef UNLOOP_KERNELS_WEIGHTED_SUM_HPP
#define UNLOOP_KERNELS_WEIGHTED_SUM_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/tensor/view.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// weighted_sum(backend, weights, rows, out): out[j] += sum over i of weights[i] * rows[i, j], rows in ascending order;
/// weights: [n], rows: [n, d], out: [d], aliasing neither. Adds to `out`, so that a long sum can be cut into tiles
/// whose borders do not change the result. O(n * d).
struct weighted_sum_t {
    static void plain(std::span<const float> weights, const_matrix_view rows, std::span<float> out) noexcept {
        for (std::size_t i = 0; i < rows.rows(); ++i)
            for (std::size_t j = 0; j < out.size(); ++j) out[j] += weights[i] * rows[i][j];
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> weights, const_matrix_view rows,
                    std::span<float> out) const noexcept {
        expects(weights.size() == rows.rows() && out.size() == rows.columns(), "weighted_sum: one weight a row");
        detail::run_kernel<weighted_sum_t>(backend, weights, rows, out);
    }
};

inline constexpr weighted_sum_t weighted_sum{};

}  // namespace unloop::inline v0::kernels

#endif
