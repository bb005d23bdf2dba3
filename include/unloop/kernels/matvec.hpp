// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// matvec: weights in any format times one vector.
#ifndef UNLOOP_KERNELS_MATVEC_HPP
#define UNLOOP_KERNELS_MATVEC_HPP

#include <unloop/core/expects.hpp>
#include <unloop/kernels/kernel.hpp>

#include <cstddef>  // size_t
#include <span>     // vectors

namespace unloop::inline v0::kernels {

/// matvec(backend, weights, x, out): out[r] = sum over k of weights[r, k] * x[k]; weights: [rows, columns] in any
/// format of the table, x: [columns], out: [rows], not aliasing x. Activations stay float32; the plain loop sums in
/// double. O(rows * columns), each weight read once.
struct matvec_t {
    template <class Format>
    static void plain(typed_weights<Format> weights, std::span<const float> x, std::span<float> out) noexcept {
        float values[Format::block_values];
        for (std::size_t r = 0; r < weights.rows; ++r) {
            const std::byte* block = weights.row(r);
            double sum = 0;
            for (std::size_t k = 0; k < weights.columns; k += Format::block_values, block += Format::block_bytes) {
                Format::decode(block, values);
                for (std::size_t i = 0; i < Format::block_values; ++i)
                    sum += static_cast<double>(values[i]) * static_cast<double>(x[k + i]);
            }
            out[r] = static_cast<float>(sum);
        }
    }
    template <class Backend>
    void operator()(const Backend& backend, const weight_view& weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        expects(x.size() == weights.columns && out.size() == weights.rows, "matvec: x is [columns], out is [rows]");
        detail::run_weight_kernel<matvec_t>(backend, weights, x, out);
    }
};

inline constexpr matvec_t matvec{};

}  // namespace unloop::inline v0::kernels

#endif
