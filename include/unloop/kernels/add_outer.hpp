// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// add_outer: adds multiples of one vector to the rows of a matrix; the gradient of a weighted sum by its rows.
#ifndef UNLOOP_KERNELS_ADD_OUTER_HPP
#define UNLOOP_KERNELS_ADD_OUTER_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/tensor/view.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// add_outer(backend, weights, x, rows): rows[i, j] += weights[i] * x[j]; weights: [n], x: [d], rows: [n, d], aliasing
/// neither. The vector-Jacobian product of weighted_sum by its rows, x being the gradient of the sum. O(n * d).
struct add_outer_t {
    static void plain(std::span<const float> weights, std::span<const float> x, matrix_view rows) noexcept {
        for (std::size_t i = 0; i < rows.rows(); ++i)
            for (std::size_t j = 0; j < x.size(); ++j) rows[i][j] += weights[i] * x[j];
    }
    template <class Backend>
    void operator()(const Backend& backend, std::span<const float> weights, std::span<const float> x,
                    matrix_view rows) const noexcept {
        expects(weights.size() == rows.rows() && x.size() == rows.columns(), "add_outer: one weight a row");
        detail::run_kernel<add_outer_t>(backend, weights, x, rows);
    }
};

inline constexpr add_outer_t add_outer{};

}  // namespace unloop::inline v0::kernels

#endif
