// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest backends: without a member, with one, with one format of a kernel that reads weights, and faulty ones.
#ifndef UNLOOP_ARCHETYPES_BACKEND_HPP
#define UNLOOP_ARCHETYPES_BACKEND_HPP

#include <unloop/kernels/dot.hpp>
#include <unloop/kernels/exp_sum.hpp>
#include <unloop/kernels/gated_product.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/kernels/matvec.hpp>
#include <unloop/kernels/rms_norm.hpp>
#include <unloop/kernels/silu.hpp>
#include <unloop/kernels/softmax.hpp>
#include <unloop/kernels/weighted_sum.hpp>

#include <cmath>    // exp, isfinite, sqrt
#include <cstddef>  // size_t
#include <span>     // vectors
#include <vector>   // a copy of an input

namespace archetypes {

struct empty_backend {};

/// Replaces `dot` by a sum in float32, from the first product to the last.
struct dot_backend {
    using claims = unloop::claims<unloop::kernels::dot_t>;
    static constexpr bool batch_invariant = true;
    float operator()(unloop::kernels::dot_t, std::span<const float> a, std::span<const float> b) const noexcept {
        float sum = 0;
        for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
        return sum;
    }
};

/// Replaces `matvec` for Q8_0 alone, from the last row to the first, with the plain loop's arithmetic.
struct one_format_backend {
    using claims = unloop::claims<unloop::kernels::matvec_t, unloop::q8_0>;
    static constexpr bool batch_invariant = true;
    void operator()(unloop::kernels::matvec_t, unloop::typed_weights<unloop::q8_0> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        for (std::size_t r = weights.rows; r-- > 0;)
            unloop::kernels::matvec_t::plain(
                unloop::typed_weights<unloop::q8_0>{1, weights.columns, weights.row_stride, weights.row(r)}, x,
                out.subspan(r, 1));
    }
};

/// Forgets the last product.
struct wrong_dot_backend {
    using claims = unloop::claims<unloop::kernels::dot_t>;
    float operator()(unloop::kernels::dot_t, std::span<const float> a, std::span<const float> b) const noexcept {
        return a.empty() ? 0.0F : unloop::kernels::dot_t::plain(a.first(a.size() - 1), b.first(b.size() - 1));
    }
};

/// Overflows, because it does not begin at the largest score, and gives no weights to masked entries alone.
struct naive_softmax_backend {
    using claims = unloop::claims<unloop::kernels::softmax_t>;
    void operator()(unloop::kernels::softmax_t, std::span<float> values) const noexcept {
        double sum = 0;
        for (float value : values) sum += static_cast<double>(std::exp(value));
        for (float& value : values) value = static_cast<float>(static_cast<double>(std::exp(value)) / sum);
    }
};

/// Says that it is batch-invariant, but its one-row kernel sums in another order than the plain matmul.
struct variant_backend {
    using claims = unloop::claims<unloop::kernels::matvec_t, unloop::f32>;
    static constexpr bool batch_invariant = true;
    void operator()(unloop::kernels::matvec_t, unloop::typed_weights<unloop::f32> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        for (std::size_t r = 0; r < weights.rows; ++r) {
            out[r] = 0;
            for (std::size_t k = 0; k < x.size(); ++k) {
                float weight = 0;
                unloop::f32::decode(weights.row(r) + k * sizeof weight, &weight);
                out[r] += weight * x[k];
            }
        }
    }
};

/// Leaves out products with activations that are not finite.
struct deaf_backend {
    using claims = unloop::claims<unloop::kernels::matvec_t, unloop::f32>;
    void operator()(unloop::kernels::matvec_t, unloop::typed_weights<unloop::f32> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        std::vector<float> finite(x.begin(), x.end());
        for (float& value : finite)
            if (!std::isfinite(value)) value = 0;
        unloop::kernels::matvec_t::plain(weights, finite, out);
    }
};

/// Multiplies the row before, too, by zero.
struct spilling_backend {
    using claims = unloop::claims<unloop::kernels::matmul_t, unloop::f32>;
    static constexpr bool batch_invariant = true;
    void operator()(unloop::kernels::matmul_t, unloop::typed_weights<unloop::f32> weights, unloop::const_matrix_view x,
                    unloop::matrix_view out) const noexcept {
        unloop::kernels::matmul_t::plain(weights, x, out);
        for (std::size_t b = 1; b < x.rows(); ++b)
            for (std::size_t r = 0; r < weights.rows; ++r) out[b][r] += 0.0F * out[b - 1][r];
    }
};

/// Makes 0 of whatever is not finite.
struct hiding_backend {
    using gated_silu = unloop::kernels::gated_product_t<unloop::kernels::silu_t>;
    using claims = unloop::all_claims<unloop::claims<unloop::kernels::exp_sum_t>,
                                      unloop::claims<unloop::kernels::weighted_sum_t>, unloop::claims<gated_silu>>;
    static float finite(float value) noexcept { return std::isfinite(value) ? value : 0; }
    float operator()(unloop::kernels::exp_sum_t, float shift, std::span<float> values) const noexcept {
        const float sum = unloop::kernels::exp_sum_t::plain(shift, values);
        for (float& value : values) value = finite(value);
        return sum;
    }
    void operator()(unloop::kernels::weighted_sum_t, std::span<const float> weights, unloop::const_matrix_view rows,
                    std::span<float> out) const noexcept {
        unloop::kernels::weighted_sum_t::plain(weights, rows, out);
        for (float& value : out) value = finite(value);
    }
    void operator()(gated_silu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        gated_silu::plain(gate, up, out);
        for (float& value : out) value = finite(value);
    }
};

/// Norms with the root of a sum in double, so that no square overflows.
struct wide_norm_backend {
    using claims = unloop::claims<unloop::kernels::rms_norm_t>;
    void operator()(unloop::kernels::rms_norm_t, std::span<const float> x, std::span<const float> weight, float epsilon,
                    std::span<float> out) const noexcept {
        double squares = 0;
        for (float value : x) squares += static_cast<double>(value) * static_cast<double>(value);
        const double root = std::sqrt(squares / static_cast<double>(x.size()) + static_cast<double>(epsilon));
        for (std::size_t i = 0; i < x.size(); ++i)
            out[i] = static_cast<float>(static_cast<double>(x[i]) / root) * (weight.empty() ? 1.0F : weight[i]);
    }
};

}  // namespace archetypes

#endif
