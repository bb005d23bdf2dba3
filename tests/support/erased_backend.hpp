// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A backend whose type is forgotten: what is above backends is compiled once in a test and run on all of them.
#ifndef UNLOOP_TESTS_SUPPORT_ERASED_BACKEND_HPP
#define UNLOOP_TESTS_SUPPORT_ERASED_BACKEND_HPP

#include <unloop/kernels.hpp>

#include <string>  // names
#include <vector>  // backends

namespace test {

namespace detail {

using namespace unloop;

template <class... Kernels>
struct kernel_list {};

/// Every kernel that reads no weights, and every one that does. A kernel that is missing here runs plain in these
/// tests.
using vector_kernels =
    kernel_list<kernels::dot_t, kernels::weighted_sum_t, kernels::add_outer_t, kernels::rms_norm_t, kernels::softmax_t,
                kernels::exp_sum_t, kernels::log_sum_exp_t, kernels::add_t, kernels::scale_t, kernels::soft_cap_t,
                kernels::silu_t, kernels::gelu_tanh_t, kernels::gated_product_t<kernels::silu_t>,
                kernels::gated_product_t<kernels::gelu_tanh_t>, kernels::rotary_t, kernels::argmax_t, kernels::top_k_t>;
using weight_kernels = kernel_list<kernels::matvec_t, kernels::matmul_t, kernels::matmul_transposed_t>;

/// A pointer with the arguments of a plain loop, where weights have any format.
template <class Plain>
struct erased_call;
template <class Result, class... Arguments>
struct erased_call<Result (*)(Arguments...) noexcept> {
    using pointer = Result (*)(const void*, Arguments...) noexcept;
    template <class Kernel, class Backend>
    static Result run(const void* backend, Arguments... arguments) noexcept {
        return Kernel{}(*static_cast<const Backend*>(backend), arguments...);
    }
};
template <class Result, class... Arguments>
struct erased_call<Result (*)(typed_weights<f32>, Arguments...) noexcept>
    : erased_call<Result (*)(weight_view, Arguments...) noexcept> {};

template <class Kernel>
struct slot {
    using call = erased_call<decltype(&Kernel::plain)>;
    typename call::pointer run;
};
template <class Kernel>
    requires requires { &Kernel::template plain<f32>; }
struct slot<Kernel> {
    using call = erased_call<decltype(&Kernel::template plain<f32>)>;
    typename call::pointer run;
};

template <class Vectors, class Weights>
class erased;
template <class... Vectors, class... Weights>
class erased<kernel_list<Vectors...>, kernel_list<Weights...>> {
    struct table : slot<Vectors>..., slot<Weights>... {};

  public:
    using claims = all_claims<unloop::claims<Vectors>..., unloop::claims<Weights, f32, f16, bf16, q4_1, q8_0>...>;

    template <class Backend>
    explicit erased(const Backend& backend) noexcept : backend_(&backend), table_(&calls<Backend>) {}

    template <class Kernel, class... Arguments>
    auto operator()(Kernel, Arguments... arguments) const noexcept {
        return static_cast<const slot<Kernel>&>(*table_).run(backend_, arguments...);
    }
    template <class Kernel, class Format, class... Arguments>
    void operator()(Kernel, typed_weights<Format> weights, Arguments... arguments) const noexcept {
        const weight_view any{Format::tag, weights.rows, weights.columns, weights.row_stride, weights.data};
        static_cast<const slot<Kernel>&>(*table_).run(backend_, any, arguments...);
    }

  private:
    template <class Backend>
    static constexpr table calls{slot<Vectors>{&slot<Vectors>::call::template run<Vectors, Backend>}...,
                                 slot<Weights>{&slot<Weights>::call::template run<Weights, Backend>}...};

    const void* backend_;
    const table* table_;
};

}  // namespace detail

using erased_backend = detail::erased<detail::vector_kernels, detail::weight_kernels>;

/// A backend with what its tests need to know; tolerances as in laws::backend_claims.
struct named_backend {
    std::string name;
    double tolerance;
    double product_tolerance;
    bool batch_invariant;
    erased_backend backend;

    /// It answers for itself, not within the distance of float32 sums: no parity in the fourth decimal.
    [[nodiscard]] bool rounds_activations() const { return product_tolerance > tolerance; }
};

/// `backend` must outlive the result.
template <class Backend>
[[nodiscard]] named_backend erase(std::string name, const Backend& backend, double tolerance,
                                  double product_tolerance) {
    return {std::move(name), tolerance, product_tolerance, unloop::is_batch_invariant<Backend>,
            erased_backend(backend)};
}
template <class Backend>
[[nodiscard]] named_backend erase(std::string name, double tolerance) {
    static const Backend backend{};
    return erase(std::move(name), backend, tolerance, tolerance);
}

/// Those that this build has: the plain loops first, then the dispatched ones.
[[nodiscard]] std::vector<named_backend> every_backend();

}  // namespace test

#endif
