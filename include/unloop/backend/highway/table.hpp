// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Fills the kernel table with the functions of one instruction set.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_TABLE_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_TABLE_HPP
#undef UNLOOP_BACKEND_HIGHWAY_TABLE_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_TABLE_HPP
#endif

#include <unloop/backend/highway/add_outer.hpp>
#include <unloop/backend/highway/argmax.hpp>
#include <unloop/backend/highway/bf16_pairs.hpp>
#include <unloop/backend/highway/exp_sum.hpp>
#include <unloop/backend/highway/fast_matmul.hpp>
#include <unloop/backend/highway/gated_product.hpp>
#include <unloop/backend/highway/gelu_tanh.hpp>
#include <unloop/backend/highway/limits.hpp>
#include <unloop/backend/highway/log_sum_exp.hpp>
#include <unloop/backend/highway/matmul.hpp>
#include <unloop/backend/highway/matmul_transposed.hpp>
#include <unloop/backend/highway/rms_norm.hpp>
#include <unloop/backend/highway/rotary.hpp>
#include <unloop/backend/highway/silu.hpp>
#include <unloop/backend/highway/softmax.hpp>
#include <unloop/backend/highway/weighted_sum.hpp>
#include <unloop/backend/kernel_table.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

template <class Format>
inline constexpr weight_kernels<Format> weight_functions{&matvec<Format>, &matmul<Format>, &matmul_transposed<Format>};

#if HWY_TARGET == HWY_SCALAR
inline constexpr weight_kernels<bf16> rounded_functions = weight_functions<bf16>;
#else
inline constexpr weight_kernels<bf16> rounded_functions{&matvec_of_pairs, &matmul_of_pairs, &matmul_transposed<bf16>};
#endif

inline constexpr kernel_table functions{
    .target = &HWY_STR(HWY_NAMESPACE)[2],  // without "N_"
    .keeps_activations = true,
    .dot = &dot,
    .argmax = &argmax,
    .weighted_sum = &weighted_sum,
    .add_outer = &add_outer,
    .rms_norm = &rms_norm,
    .rotary = &rotary,
    .softmax = &softmax,
    .exp_sum = &exp_sum,
    .log_sum_exp = &log_sum_exp,
    .silu = &gated_product<silu_step>,
    .gelu_tanh = &gated_product<gelu_tanh_step>,
    .weights = {weight_functions<f32>, weight_functions<f16>, weight_functions<bf16>, weight_functions<q4_1>,
                weight_functions<q8_0>},
    .rounded = rounded_functions,
    .multiply_adds = &multiply_adds,
    .read_all = &read_all,
};

template <class Format>
inline constexpr weight_kernels<Format> fast_weight_functions{&fast_matvec<Format>, &fast_matmul<Format>,
                                                              &matmul_transposed<Format>};

/// The same table with fast arithmetic for quantised weights, and for bf16 where the machine multiplies pairs of it.
inline constexpr kernel_table fast_functions = [] {
    kernel_table table = functions;
    table.keeps_activations = false;
    std::get<weight_kernels<q4_1>>(table.weights) = fast_weight_functions<q4_1>;
    std::get<weight_kernels<q8_0>>(table.weights) = fast_weight_functions<q8_0>;
    if constexpr (multiplies_bf16_pairs) std::get<weight_kernels<bf16>>(table.weights) = rounded_functions;
    return table;
}();

/// The table as a source for `table_backend`; its type differs per target, so mixed translation units cannot clash.
struct static_source {
    [[nodiscard]] static constexpr const kernel_table& table() noexcept { return functions; }
};

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
