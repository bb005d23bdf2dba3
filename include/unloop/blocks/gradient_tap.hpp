// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A gradient tap reads or rewrites gradients of activations at the sites that it names.
#ifndef UNLOOP_BLOCKS_GRADIENT_TAP_HPP
#define UNLOOP_BLOCKS_GRADIENT_TAP_HPP

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

/// At least one such event of the list of sites.
template <class Tap>
concept gradient_tap = [] {
    bool any = false;
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

/// Calls the tap's event for `Site`, if it has one.
template <class Site, class Tap>
constexpr void notify_gradient(Tap& tap, const tap_place& place, const_matrix_view values, matrix_view gradients) {
    if constexpr (listens_to_gradient<Tap, Site>) tap(Site{}, place, values, gradients);
}

}  // namespace unloop::inline v0

#endif
