// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A gradient tap reads or rewrites gradients of activations at the sites that it names, and may read those of weights.
#ifndef UNLOOP_BLOCKS_GRADIENT_TAP_HPP
#define UNLOOP_BLOCKS_GRADIENT_TAP_HPP

#include <unloop/blocks/parameter.hpp>
#include <unloop/blocks/sites.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/tensor/view.hpp>

#include <concepts>  // same_as

namespace unloop::inline v0 {

/// The tap has the event `void operator()(Site, const tap_place&, const_matrix_view values, matrix_view gradients)`.
/// Values are those that the model computed with, behind any tap; gradients are by them, of the same shape, and what
/// the tap leaves there flows on. Called by the thread that runs the model, between parallel loops.
template <class Tap, class Site>
concept listens_to_gradient = requires(Tap& tap, Site site, const tap_place& place, const_matrix_view values,
                                       matrix_view gradients) { tap(site, place, values, gradients); };

/// The tap has the event `void operator()(const parameter_name&, const_matrix_view inputs, const_matrix_view
/// gradients)`: the gradient of matrix W, [rows, columns], is the sum over t of gradients[t] inputs[t]^T; inputs:
/// [tokens, columns], what W was multiplied with; gradients: [tokens, rows], those of the products. Both are valid
/// during the call. Tokens of an expert are those that chose it.
template <class Tap>
concept listens_to_weights = requires(Tap& tap, const parameter_name& name, const_matrix_view inputs,
                                      const_matrix_view gradients) { tap(name, inputs, gradients); };

/// At least one event: of the list of sites, or of weights.
template <class Tap>
concept gradient_tap = [] {
    bool any = listens_to_weights<Tap>;
    sites::for_each_site([&]<class Site>(Site) { any = any || listens_to_gradient<Tap, Site>; });
    return any;
}();

/// What a backward pass takes: a gradient tap, or none.
template <class Tap>
concept gradient_tap_or_none = gradient_tap<Tap> || std::same_as<Tap, no_tap>;

/// Stops compilation with one sentence when `Tap` is neither.
template <class Tap>
constexpr void require_gradient_tap() noexcept {
    static_assert(gradient_tap_or_none<Tap>,
                  "gradient_tap: needs an event void operator()(Site, const unloop::tap_place&, "
                  "unloop::const_matrix_view values, unloop::matrix_view gradients) for at least one Site of "
                  "unloop::sites; see docs/concepts/gradient_tap.md");
}

/// Whether gradients of weights are asked for: a tap that has the event may still say no, by a member of this name.
template <class Tap>
[[nodiscard]] constexpr bool wants_weights(const Tap& tap) noexcept {
    if constexpr (requires { tap.wants_weights(); })
        return tap.wants_weights();
    else
        return listens_to_weights<Tap>;
}

/// Calls the tap's event for weights, if it has one and wants it.
template <class Tap>
constexpr void notify_weights(Tap& tap, const parameter_name& name, const_matrix_view inputs,
                              const_matrix_view gradients) {
    if constexpr (listens_to_weights<Tap>)
        if (wants_weights(tap)) tap(name, inputs, gradients);
}

/// Calls the tap's event for `Site`, if it has one.
template <class Site, class Tap>
constexpr void notify_gradient(Tap& tap, const tap_place& place, const_matrix_view values, matrix_view gradients) {
    if constexpr (listens_to_gradient<Tap, Site>) tap(Site{}, place, values, gradients);
}

}  // namespace unloop::inline v0

#endif
