// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A tap reads or rewrites activations at the sites that it names, and costs nothing at the others.
#ifndef UNLOOP_BLOCKS_TAP_HPP
#define UNLOOP_BLOCKS_TAP_HPP

#include <unloop/blocks/batch.hpp>
#include <unloop/blocks/sites.hpp>
#include <unloop/tensor/view.hpp>

#include <concepts>  // same_as
#include <span>      // tokens
#include <tuple>     // several taps

namespace unloop::inline v0 {

/// Where a tap is called: the layer, and the token of each row of the values.
struct tap_place {
    std::int32_t layer = 0;
    std::span<const batch_token> tokens;         ///< as many as the values have rows, but for `sites::expert_neurons`
    std::span<const std::int32_t> experts = {};  ///< [tokens, experts used], at `expert_weights` and `expert_neurons`
    std::size_t head_size = 0;                   ///< columns of one head, inside layers
};

/// The tap has the event `void operator()(Site, const tap_place&, matrix_view values)`. It may change the values; it is
/// called by the thread that runs the model, between parallel loops.
template <class Tap, class Site>
concept listens_to =
    requires(Tap& tap, Site site, const tap_place& place, matrix_view values) { tap(site, place, values); };

/// At least one event of the list of sites: what misspells a site's type is an error and not silence.
template <class Tap>
concept activation_tap = [] {
    bool any = false;
    sites::for_each_site([&]<class Site>(Site) { any = any || listens_to<Tap, Site>; });
    return any;
}();

/// The absent tap.
struct no_tap {};

/// What a run takes: a tap, or none.
template <class Tap>
concept tap_or_none = activation_tap<Tap> || std::same_as<Tap, no_tap>;

/// Stops compilation with one sentence when `Tap` is neither.
template <class Tap>
constexpr void require_tap() noexcept {
    static_assert(tap_or_none<Tap>,
                  "tap: needs an event void operator()(Site, const unloop::tap_place&, unloop::matrix_view) for at "
                  "least one Site of unloop::sites; see docs/concepts/tap.md");
}

/// Calls the tap's event for `Site`, if it has one.
template <class Site, class Tap>
constexpr void notify(Tap& tap, const tap_place& place, matrix_view values) {
    if constexpr (listens_to<Tap, Site>) tap(Site{}, place, values);
}

/// Several taps as one; each event goes to them in the order given. `tap_pack both{recorder, edit};`
template <tap_or_none... Taps>
class tap_pack {
  public:
    explicit tap_pack(Taps&... taps) noexcept : taps_(taps...) {}

    template <class Site>
        requires(listens_to<Taps, Site> || ...)
    void operator()(Site, const tap_place& place, matrix_view values) {
        std::apply([&](Taps&... taps) { (notify<Site>(taps, place, values), ...); }, taps_);
    }

  private:
    std::tuple<Taps&...> taps_;
};

}  // namespace unloop::inline v0

#endif
