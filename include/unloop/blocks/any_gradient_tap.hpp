// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A gradient tap whose type is known when the program runs, for code that shall be compiled once.
#ifndef UNLOOP_BLOCKS_ANY_GRADIENT_TAP_HPP
#define UNLOOP_BLOCKS_ANY_GRADIENT_TAP_HPP

#include <unloop/blocks/gradient_tap.hpp>

#include <array>     // events
#include <concepts>  // same_as

namespace unloop::inline v0 {

/// Refers to a gradient tap or to none, which must outlive it. An event that the tap lacks costs one comparison.
class any_gradient_tap {
  public:
    template <gradient_tap_or_none Tap>
        requires(!std::same_as<Tap, any_gradient_tap>)
    explicit any_gradient_tap(Tap& held) noexcept : held_(&held), events_(&events_of<Tap>) {}

    template <class Site>
        requires(sites::number<Site> < sites::count)
    void operator()(Site, const tap_place& place, const_matrix_view values, matrix_view gradients) {
        if (const event call = (*events_)[sites::number<Site>]) call(held_, place, values, gradients);
    }

  private:
    using event = void (*)(void* held, const tap_place& place, const_matrix_view values, matrix_view gradients);
    using event_table = std::array<event, sites::count>;

    template <class Tap>
    static constexpr event_table events_of = [] {
        event_table events{};
        sites::for_each_site([&]<class Site>(Site) {
            if constexpr (listens_to_gradient<Tap, Site>)
                events[sites::number<Site>] = [](void* held, const tap_place& place, const_matrix_view values,
                                                 matrix_view gradients) {
                    (*static_cast<Tap*>(held))(Site{}, place, values, gradients);
                };
        });
        return events;
    }();

    void* held_;
    const event_table* events_;
};

}  // namespace unloop::inline v0

#endif
