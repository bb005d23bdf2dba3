// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The xtensor backend: kernels as lazy expressions of xtensor over vectors and matrices where they lie.
#ifndef UNLOOP_BACKEND_XTENSOR_HPP
#define UNLOOP_BACKEND_XTENSOR_HPP

#include <unloop/kernels.hpp>

#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

#include <algorithm>  // max_element
#include <array>      // shapes
#include <cmath>      // isfinite, log, sqrt
#include <cstddef>    // size_t
#include <cstdint>    // uintptr_t
#include <span>       // vectors

namespace unloop::inline v0 {

/// States no batch invariance: xtensor promises no order of sums. It has no products of matrices, so that a product is
/// the sum of a lazy product, slower than the plain loop; what runs element by element gains with XTENSOR_USE_XSIMD.
/// Sums over all elements allocate.
class xtensor_backend {
    using gated_silu = kernels::gated_product_t<kernels::silu_t>;
    using gated_gelu = kernels::gated_product_t<kernels::gelu_tanh_t>;

    template <class Element, std::size_t Rank>
    static auto adapted(Element* data, const std::array<std::size_t, Rank>& shape) noexcept {
        std::size_t size = 1;
        for (const std::size_t extent : shape) size *= extent;
        return xt::adapt(data, size, xt::no_ownership(), shape);
    }
    template <class Element>
    static auto values(std::span<Element> of) noexcept {
        return adapted(of.data(), std::array<std::size_t, 1>{of.size()});
    }
    template <class Expression>
    static float sum(const Expression& of) noexcept {
        return xt::sum<float>(of, xt::evaluation_strategy::immediate)();
    }

  public:
    using claims =
        all_claims<unloop::claims<kernels::dot_t>, unloop::claims<kernels::matvec_t, f32>,
                   unloop::claims<kernels::matmul_t, f32>, unloop::claims<kernels::weighted_sum_t>,
                   unloop::claims<kernels::rms_norm_t>, unloop::claims<kernels::softmax_t>,
                   unloop::claims<kernels::exp_sum_t>, unloop::claims<kernels::log_sum_exp_t>,
                   unloop::claims<kernels::add_t>, unloop::claims<kernels::scale_t>,
                   unloop::claims<kernels::soft_cap_t>, unloop::claims<gated_silu>, unloop::claims<gated_gelu>>;
    static constexpr bool batch_invariant = false;

    float operator()(kernels::dot_t, std::span<const float> a, std::span<const float> b) const noexcept {
        return a.empty() ? 0.0F : sum(values(a) * values(b));
    }
    void operator()(kernels::matvec_t, typed_weights<f32> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        const bool aligned =
            (reinterpret_cast<std::uintptr_t>(weights.data) | weights.row_stride) % alignof(float) == 0;
        if (!aligned) return kernels::matvec_t::plain(weights, x, out);
        for (std::size_t r = 0; r < weights.rows; ++r)
            out[r] = (*this)(kernels::dot_t{}, {reinterpret_cast<const float*>(weights.row(r)), x.size()}, x);
    }
    void operator()(kernels::matmul_t, typed_weights<f32> weights, const_matrix_view x,
                    matrix_view out) const noexcept {
        for (std::size_t b = 0; b < x.rows(); ++b) (*this)(kernels::matvec_t{}, weights, x[b], out[b]);
    }
    void operator()(kernels::weighted_sum_t, std::span<const float> weights, const_matrix_view rows,
                    std::span<float> out) const noexcept {
        auto sums = values(out);
        for (std::size_t i = 0; i < weights.size(); ++i) xt::noalias(sums) += weights[i] * values(rows[i]);
    }

    void operator()(kernels::rms_norm_t, std::span<const float> x, std::span<const float> weight, float epsilon,
                    std::span<float> out) const noexcept {
        if (x.empty()) return;
        const float mean = sum(xt::square(values(x))) / static_cast<float>(x.size());
        const float inverse = 1.0F / std::sqrt(mean + epsilon);
        auto normed = values(out);
        if (weight.empty())
            xt::noalias(normed) = values(x) * inverse;
        else
            xt::noalias(normed) = values(x) * inverse * values(weight);
    }
    void operator()(kernels::softmax_t, std::span<float> scores) const noexcept {
        if (scores.empty()) return;
        const float total = (*this)(kernels::exp_sum_t{}, *std::max_element(scores.begin(), scores.end()), scores);
        (*this)(kernels::scale_t{}, 1.0F / total, scores);
    }
    float operator()(kernels::exp_sum_t, float shift, std::span<float> scores) const noexcept {
        if (scores.empty()) return 0;
        auto exponentials = values(scores);
        xt::noalias(exponentials) = xt::exp(values(scores) - shift);
        return sum(exponentials);
    }
    float operator()(kernels::log_sum_exp_t, std::span<const float> scores) const noexcept {
        const float largest = *std::max_element(scores.begin(), scores.end());
        return largest + std::log(sum(xt::exp(values(scores) - largest)));
    }

    void operator()(kernels::add_t, std::span<const float> x, std::span<float> out) const noexcept {
        auto sums = values(out);
        xt::noalias(sums) += values(x);
    }
    void operator()(kernels::scale_t, float factor, std::span<float> out) const noexcept {
        auto scaled = values(out);
        xt::noalias(scaled) *= factor;
    }
    void operator()(kernels::soft_cap_t, float cap, std::span<float> capped) const noexcept {
        auto out = values(capped);
        xt::noalias(out) = cap * xt::tanh(values(capped) / cap);
    }
    void operator()(gated_silu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        auto neurons = values(out);
        const auto x = values(gate);
        xt::noalias(neurons) = x / (1.0F + xt::exp(-x)) * values(up);
    }
    void operator()(gated_gelu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        constexpr float root_2_over_pi = 0.7978845608028654F;
        auto neurons = values(out);
        const auto x = values(gate);
        xt::noalias(neurons) = 0.5F * x * (1.0F + xt::tanh(root_2_over_pi * (x + 0.044715F * x * x * x))) * values(up);
    }
};

}  // namespace unloop::inline v0

#endif
