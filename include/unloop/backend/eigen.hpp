// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Eigen backend: products, norms and exponentials by Eigen, with the instruction set that your flags name.
#ifndef UNLOOP_BACKEND_EIGEN_HPP
#define UNLOOP_BACKEND_EIGEN_HPP

#include <unloop/kernels.hpp>

#include <Eigen/Core>

#include <algorithm>  // min
#include <cmath>      // exp, isfinite, log, sqrt
#include <cstddef>    // size_t
#include <cstdint>    // uintptr_t
#include <span>       // vectors

namespace unloop::inline v0 {

/// Not batch-invariant: Eigen sums a product of matrices in another order than one of a matrix with a vector, and its
/// sums depend on addresses. float32 weights are multiplied where they lie, others are widened panel by panel. Eigen's
/// products of matrices may allocate; they stay on one thread unless the program is compiled with OpenMP, and then
/// EIGEN_DONT_PARALLELIZE keeps them there.
class eigen_backend {
    using gated_silu = kernels::gated_product_t<kernels::silu_t>;
    using gated_gelu = kernels::gated_product_t<kernels::gelu_tanh_t>;
    using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using matrix = Eigen::Map<row_major, Eigen::Unaligned, Eigen::OuterStride<>>;
    using const_matrix = Eigen::Map<const row_major, Eigen::Unaligned, Eigen::OuterStride<>>;
    using vector = Eigen::Map<Eigen::ArrayXf>;
    using const_vector = Eigen::Map<const Eigen::ArrayXf>;

  public:
    using claims =
        all_claims<unloop::claims<kernels::dot_t>, unloop::claims<kernels::matvec_t, f32, f16, bf16, q4_1, q8_0>,
                   unloop::claims<kernels::matmul_t, f32, f16, bf16, q4_1, q8_0>,
                   unloop::claims<kernels::matmul_transposed_t, f32, f16, bf16, q4_1, q8_0>,
                   unloop::claims<kernels::weighted_sum_t>, unloop::claims<kernels::add_outer_t>,
                   unloop::claims<kernels::rms_norm_t>, unloop::claims<kernels::softmax_t>,
                   unloop::claims<kernels::exp_sum_t>, unloop::claims<kernels::log_sum_exp_t>,
                   unloop::claims<kernels::add_t>, unloop::claims<kernels::scale_t>, unloop::claims<gated_silu>,
                   unloop::claims<gated_gelu>>;
    static constexpr bool batch_invariant = false;

    float operator()(kernels::dot_t, std::span<const float> a, std::span<const float> b) const noexcept {
        return values(a).matrix().dot(values(b).matrix());
    }
    template <class Format>
    void operator()(kernels::matvec_t, typed_weights<Format> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        if (const float* const floats = floats_of(weights))
            values(out).matrix().noalias() = map(floats, weights) * values(x).matrix();
        else
            (*this)(kernels::matmul_t{}, weights, {x.data(), 1, x.size()}, {out.data(), 1, out.size()});
    }
    template <class Format>
    void operator()(kernels::matmul_t, typed_weights<Format> weights, const_matrix_view x,
                    matrix_view out) const noexcept {
        if (const float* const floats = floats_of(weights)) {
            map(out).noalias() = map(x) * map(floats, weights).transpose();
            return;
        }
        map(out).setZero();
        for_each_panel(weights, [&](std::size_t row, std::size_t column, const_matrix_view panel) {
            map(out.columns(row, panel.rows())).noalias() +=
                map(x.columns(column, panel.columns())) * map(panel).transpose();
        });
    }
    template <class Format>
    void operator()(kernels::matmul_transposed_t, typed_weights<Format> weights, const_matrix_view gradient,
                    matrix_view out) const noexcept {
        if (const float* const floats = floats_of(weights)) {
            map(out).noalias() += map(gradient) * map(floats, weights);
            return;
        }
        for_each_panel(weights, [&](std::size_t row, std::size_t column, const_matrix_view panel) {
            map(out.columns(column, panel.columns())).noalias() +=
                map(gradient.columns(row, panel.rows())) * map(panel);
        });
    }
    void operator()(kernels::weighted_sum_t, std::span<const float> weights, const_matrix_view rows,
                    std::span<float> out) const noexcept {
        values(out).matrix().noalias() += map(rows).transpose() * values(weights).matrix();
    }
    void operator()(kernels::add_outer_t, std::span<const float> weights, std::span<const float> x,
                    matrix_view rows) const noexcept {
        map(rows).noalias() += values(weights).matrix() * values(x).matrix().transpose();
    }

    void operator()(kernels::rms_norm_t, std::span<const float> x, std::span<const float> weight, float epsilon,
                    std::span<float> out) const noexcept {
        const float mean = values(x).matrix().squaredNorm() / static_cast<float>(x.size());
        const float inverse = 1.0F / std::sqrt(mean + epsilon);
        if (weight.empty())
            values(out) = values(x) * inverse;
        else
            values(out) = values(x) * inverse * values(weight);
    }
    void operator()(kernels::softmax_t, std::span<float> scores) const noexcept {
        if (scores.empty()) return;
        const float sum = exponentials(values(scores).maxCoeff(), values(scores));
        values(scores) *= 1.0F / sum;
    }
    float operator()(kernels::exp_sum_t, float shift, std::span<float> scores) const noexcept {
        return exponentials(shift, values(scores));
    }
    float operator()(kernels::log_sum_exp_t, std::span<const float> scores) const noexcept {
        const float largest = values(scores).maxCoeff<Eigen::PropagateNaN>();
        if (!std::isfinite(largest)) return kernels::log_sum_exp_t::plain(scores);
        return largest + std::log((values(scores) - largest).exp().sum());
    }

    void operator()(kernels::add_t, std::span<const float> x, std::span<float> out) const noexcept {
        values(out) += values(x);
    }
    void operator()(kernels::scale_t, float factor, std::span<float> out) const noexcept { values(out) *= factor; }
    void operator()(gated_silu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        values(out) = values(gate) * values(gate).logistic() * values(up);
    }
    void operator()(gated_gelu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        constexpr float root_2_over_pi = 0.7978845608028654F;
        const auto x = values(gate);
        values(out) = 0.5F * x * (1.0F + (root_2_over_pi * (x + 0.044715F * x.cube())).tanh()) * values(up);
    }

  private:
    static Eigen::Index index(std::size_t n) noexcept { return static_cast<Eigen::Index>(n); }
    static vector values(std::span<float> of) noexcept { return {of.data(), index(of.size())}; }
    static const_vector values(std::span<const float> of) noexcept { return {of.data(), index(of.size())}; }
    static matrix map(matrix_view of) noexcept {
        return {of.data(), index(of.rows()), index(of.columns()), Eigen::OuterStride<>(index(of.stride(0)))};
    }
    static const_matrix map(const_matrix_view of) noexcept {
        return {of.data(), index(of.rows()), index(of.columns()), Eigen::OuterStride<>(index(of.stride(0)))};
    }

    /// Where weights lie that Eigen can read as they are; null for other formats and for odd addresses.
    template <class Format>
    static const float* floats_of(const typed_weights<Format>& weights) noexcept {
        const bool aligned =
            (reinterpret_cast<std::uintptr_t>(weights.data) | weights.row_stride) % alignof(float) == 0;
        return Format::tag == number_format::f32 && aligned ? reinterpret_cast<const float*>(weights.data) : nullptr;
    }
    template <class Format>
    static const_matrix map(const float* floats, const typed_weights<Format>& weights) noexcept {
        return map(const_matrix_view(floats, {weights.rows, weights.columns}, {weights.row_stride / sizeof(float), 1}));
    }

    static constexpr std::size_t panel_rows = 16;
    static constexpr std::size_t panel_columns = 1024;  ///< whole blocks; 64 KiB of floats a panel

    /// Calls `multiply(first row, first column, widened)` for panels that cover the weights.
    template <class Format, class Multiply>
    static void for_each_panel(const typed_weights<Format>& weights, const Multiply& multiply) noexcept {
        alignas(64) float panel[panel_rows * panel_columns];
        for (std::size_t r = 0; r < weights.rows; r += panel_rows)
            for (std::size_t k = 0; k < weights.columns; k += panel_columns) {
                const std::size_t rows = std::min(panel_rows, weights.rows - r);
                const std::size_t columns = std::min(panel_columns, weights.columns - k);
                for (std::size_t i = 0; i < rows; ++i) widen(weights, r + i, k, columns, panel + i * columns);
                multiply(r, k, const_matrix_view(panel, rows, columns));
            }
    }
    /// Columns [first, first + count) of one row; both are whole blocks.
    template <class Format>
    static void widen(const typed_weights<Format>& weights, std::size_t row, std::size_t first, std::size_t count,
                      float* out) noexcept {
        const std::byte* block = weights.row(row) + first / Format::block_values * Format::block_bytes;
        for (std::size_t k = 0; k < count; k += Format::block_values, block += Format::block_bytes)
            Format::decode(block, out + k);
    }

    /// scores = exp(scores - shift), and their sum. Eigen's vectors know neither an exponential of 0 nor of infinity.
    static float exponentials(float shift, vector scores) noexcept {
        if (scores.size() == 0) return 0;
        scores -= shift;
        const bool ordinary =
            scores.minCoeff<Eigen::PropagateNaN>() > -87 && scores.maxCoeff<Eigen::PropagateNaN>() < 88;
        if (ordinary)
            scores = scores.exp();
        else
            for (float& score : scores) score = std::exp(score);
        return scores.sum();
    }
};

}  // namespace unloop::inline v0

#endif
