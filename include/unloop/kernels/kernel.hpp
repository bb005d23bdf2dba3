// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a kernel and a backend agree on: a backend's member wins where the backend claims it, else the plain loop runs.
#ifndef UNLOOP_KERNELS_KERNEL_HPP
#define UNLOOP_KERNELS_KERNEL_HPP

#include <unloop/tensor/weight_view.hpp>

#include <concepts>     // same_as
#include <type_traits>  // is_invocable_r
#include <utility>      // forward

namespace unloop::inline v0 {

/// Names a kernel that a backend replaces; for a kernel that reads weights, the formats for which it does.
template <class Kernel, class... Formats>
struct claims {};

/// Several claims: `using claims = unloop::all_claims<unloop::claims<dot_t>, unloop::claims<matvec_t, f32, q8_0>>;`
template <class... Claims>
struct all_claims {};

/// The backend without members: every kernel is its plain loop, which is the specification.
struct reference {};

namespace detail {

template <class Claims, class Kernel, class Format>
inline constexpr bool is_claimed = false;
template <class Kernel>
inline constexpr bool is_claimed<claims<Kernel>, Kernel, void> = true;
template <class Kernel, class... Formats, class Format>
    requires(!std::is_void_v<Format>)
inline constexpr bool is_claimed<claims<Kernel, Formats...>, Kernel, Format> = (std::same_as<Formats, Format> || ...);
template <class... Claims, class Kernel, class Format>
inline constexpr bool is_claimed<all_claims<Claims...>, Kernel, Format> = (is_claimed<Claims, Kernel, Format> || ...);

template <class Backend>
concept has_claims = requires { typename Backend::claims; };

}  // namespace detail

/// Whether `Backend` replaces `Kernel` (for weights of `Format`, where the kernel reads weights).
template <class Backend, class Kernel, class Format = void>
inline constexpr bool replaces = [] {
    if constexpr (detail::has_claims<Backend>)
        return detail::is_claimed<typename Backend::claims, Kernel, Format>;
    else
        return false;
}();

/// Whether each output element is reduced in one order whatever the batch; a backend states it as
/// `static constexpr bool batch_invariant`, and one that replaces nothing is so by construction.
template <class Backend>
inline constexpr bool is_batch_invariant = [] {
    if constexpr (requires { Backend::batch_invariant; })
        return bool{Backend::batch_invariant};
    else
        return !detail::has_claims<Backend>;
}();

/// Whether products with weights keep activations as they are and err by no more than sums of floats do, in whatever
/// order they are added: what a bound on logits needs. A backend states it as `bool keeps_activations() const`, and one
/// that replaces nothing does so by construction.
template <class Backend>
[[nodiscard]] constexpr bool keeps_activations(const Backend& backend) noexcept {
    if constexpr (requires { backend.keeps_activations(); })
        return backend.keeps_activations();
    else
        return !detail::has_claims<Backend>;
}

/// Specialise to true for a backend whose results may depend on the batch and that shall be measured with all the same.
template <class Backend>
inline constexpr bool accepts_batch_dependence = false;

/// Refuses a measurement with a backend whose results flip with the batch size: such a loop rate is worth nothing.
template <class Backend>
constexpr void require_batch_invariance() noexcept {
    static_assert(is_batch_invariant<Backend> || accepts_batch_dependence<Backend>,
                  "backend: measuring needs batch_invariant, or accepts_batch_dependence<Backend> set by you. See "
                  "docs/concepts/backend.md");
}

namespace detail {

/// Calls the backend's member or the plain loop. `Format` is void for kernels that read no weights.
template <class Kernel, class Format = void, class Backend, class... Arguments>
constexpr decltype(auto) run_kernel(const Backend& backend, Arguments... arguments) noexcept {
    if constexpr (replaces<Backend, Kernel, Format>) {
        static_assert(
            std::is_invocable_r_v<decltype(Kernel::plain(arguments...)), const Backend&, Kernel, Arguments...>,
            "backend: a claimed kernel needs a const member operator()(Kernel, arguments of the kernel's plain loop). "
            "See docs/concepts/backend.md");
        return backend(Kernel{}, arguments...);
    } else {
        return Kernel::plain(arguments...);
    }
}

/// The same for a kernel whose first argument is weights: the format becomes a type here, once a call.
template <class Kernel, class Backend, class... Arguments>
constexpr void run_weight_kernel(const Backend& backend, const weight_view& weights, Arguments... arguments) noexcept {
    visit_format(weights.format, [&](auto format) {
        using format_type = decltype(format);
        run_kernel<Kernel, format_type>(backend, typed<format_type>(weights), arguments...);
    });
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
