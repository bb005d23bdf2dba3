// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A table of functions over pointers and sizes, and the backend that calls through one: the seam between an instruction
// set, chosen when compiling or when running, and everything above it.
#ifndef UNLOOP_BACKEND_KERNEL_TABLE_HPP
#define UNLOOP_BACKEND_KERNEL_TABLE_HPP

#include <unloop/kernels.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // uint32_t
#include <span>     // vectors
#include <tuple>    // one entry a format

namespace unloop::inline v0::backend {

/// The functions that take weights of one format.
template <class Format>
struct weight_kernels {
    void (*matvec)(typed_weights<Format>, const float* x, float* out);
    void (*matmul)(typed_weights<Format>, const_matrix_view x, matrix_view out);
    void (*matmul_transposed)(typed_weights<Format>, const_matrix_view gradient, matrix_view out);
};

/// One implementation of every kernel that the Highway backend replaces. `gelu_tanh` and `silu` are gated products.
struct kernel_table {
    const char* target;      ///< name of the instruction set
    bool keeps_activations;  ///< products round none of them
    float (*dot)(const float* a, const float* b, std::size_t n);
    std::size_t (*argmax)(const float* values, std::size_t n);
    void (*weighted_sum)(const float* weights, const_matrix_view rows, float* out);
    void (*add_outer)(const float* weights, const float* x, matrix_view rows);
    void (*rms_norm)(const float* x, const float* weight, std::size_t n, float epsilon, float* out);
    void (*rotary)(rotary_layout layout, const float* cosine, const float* sine, std::size_t pairs, float* head);
    void (*softmax)(float* values, std::size_t n);
    float (*exp_sum)(float shift, float* values, std::size_t n);
    float (*log_sum_exp)(const float* values, std::size_t n);
    void (*silu)(const float* gate, const float* up, std::size_t n, float* out);
    void (*gelu_tanh)(const float* gate, const float* up, std::size_t n, float* out);
    std::tuple<weight_kernels<f32>, weight_kernels<f16>, weight_kernels<bf16>, weight_kernels<q4_1>,
               weight_kernels<q8_0>>
        weights;
    weight_kernels<bf16> rounded;                                         ///< with activations rounded to bf16
    float (*multiply_adds)(std::size_t repeats, double* operations);      ///< nothing else: what the machine can do
    std::uint32_t (*read_all)(const std::byte* from, std::size_t bytes);  ///< the same for reading memory
};

/// A backend over the table that a `Source` returns. Batch-invariant: a sum has one order, whatever the batch.
template <class Source>
class table_backend {
    using gated_silu = kernels::gated_product_t<kernels::silu_t>;
    using gated_gelu = kernels::gated_product_t<kernels::gelu_tanh_t>;

  public:
    using claims = all_claims<
        unloop::claims<kernels::dot_t>, unloop::claims<kernels::matvec_t, f32, f16, bf16, q4_1, q8_0>,
        unloop::claims<kernels::matmul_t, f32, f16, bf16, q4_1, q8_0>,
        unloop::claims<kernels::matmul_transposed_t, f32, f16, bf16, q4_1, q8_0>, unloop::claims<kernels::add_outer_t>,
        unloop::claims<kernels::weighted_sum_t>, unloop::claims<kernels::rms_norm_t>, unloop::claims<kernels::rotary_t>,
        unloop::claims<kernels::argmax_t>, unloop::claims<kernels::softmax_t>, unloop::claims<kernels::exp_sum_t>,
        unloop::claims<kernels::log_sum_exp_t>, unloop::claims<gated_silu>, unloop::claims<gated_gelu>>;
    static constexpr bool batch_invariant = true;

    table_backend() = default;
    explicit table_backend(Source source) noexcept : source_(source) {}

    [[nodiscard]] static const char* target() noexcept { return Source().table().target; }
    [[nodiscard]] bool keeps_activations() const noexcept { return source_.table().keeps_activations; }

    float operator()(kernels::dot_t, std::span<const float> a, std::span<const float> b) const noexcept {
        return source_.table().dot(a.data(), b.data(), a.size());
    }
    std::size_t operator()(kernels::argmax_t, std::span<const float> values) const noexcept {
        return source_.table().argmax(values.data(), values.size());
    }
    template <class Format>
    void operator()(kernels::matvec_t, typed_weights<Format> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        std::get<weight_kernels<Format>>(source_.table().weights).matvec(weights, x.data(), out.data());
    }
    template <class Format>
    void operator()(kernels::matmul_t, typed_weights<Format> weights, const_matrix_view x,
                    matrix_view out) const noexcept {
        std::get<weight_kernels<Format>>(source_.table().weights).matmul(weights, x, out);
    }
    template <class Format>
    void operator()(kernels::matmul_transposed_t, typed_weights<Format> weights, const_matrix_view gradient,
                    matrix_view out) const noexcept {
        std::get<weight_kernels<Format>>(source_.table().weights).matmul_transposed(weights, gradient, out);
    }
    void operator()(kernels::add_outer_t, std::span<const float> weights, std::span<const float> x,
                    matrix_view rows) const noexcept {
        source_.table().add_outer(weights.data(), x.data(), rows);
    }
    void operator()(kernels::weighted_sum_t, std::span<const float> weights, const_matrix_view rows,
                    std::span<float> out) const noexcept {
        source_.table().weighted_sum(weights.data(), rows, out.data());
    }
    void operator()(kernels::rms_norm_t, std::span<const float> x, std::span<const float> weight, float epsilon,
                    std::span<float> out) const noexcept {
        source_.table().rms_norm(x.data(), weight.empty() ? nullptr : weight.data(), x.size(), epsilon, out.data());
    }
    void operator()(kernels::rotary_t, rotary_layout layout, std::span<const float> cosine, std::span<const float> sine,
                    std::span<float> head) const noexcept {
        source_.table().rotary(layout, cosine.data(), sine.data(), cosine.size(), head.data());
    }
    void operator()(kernels::softmax_t, std::span<float> values) const noexcept {
        source_.table().softmax(values.data(), values.size());
    }
    float operator()(kernels::exp_sum_t, float shift, std::span<float> values) const noexcept {
        return source_.table().exp_sum(shift, values.data(), values.size());
    }
    float operator()(kernels::log_sum_exp_t, std::span<const float> values) const noexcept {
        return source_.table().log_sum_exp(values.data(), values.size());
    }
    void operator()(gated_silu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        source_.table().silu(gate.data(), up.data(), out.size(), out.data());
    }
    void operator()(gated_gelu, std::span<const float> gate, std::span<const float> up,
                    std::span<float> out) const noexcept {
        source_.table().gelu_tanh(gate.data(), up.data(), out.size(), out.data());
    }

  private:
    Source source_{};
};

}  // namespace unloop::inline v0::backend

#endif
