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
        if (const event call = events_->at_sites[sites::number<Site>]) call(held_, place, values, gradients);
    }
    void operator()(const parameter_name& name, const_matrix_view inputs, const_matrix_view gradients) {
        if (events_->of_weights != nullptr) events_->of_weights(held_, name, inputs, gradients);
    }
    [[nodiscard]] bool wants_weights() const noexcept { return events_->of_weights != nullptr; }

  private:
    using event = void (*)(void* held, const tap_place& place, const_matrix_view values, matrix_view gradients);
    struct event_table {
        std::array<event, sites::count> at_sites = {};
        void (*of_weights)(void* held, const parameter_name& name, const_matrix_view inputs,
                           const_matrix_view gradients) = nullptr;
    };

    template <class Tap>
    static constexpr event_table events_of = [] {
        event_table events;
        sites::for_each_site([&]<class Site>(Site) {
            if constexpr (listens_to_gradient<Tap, Site>)
                events.at_sites[sites::number<Site>] = [](void* held, const tap_place& place, const_matrix_view values,
                                                          matrix_view gradients) {
                    (*static_cast<Tap*>(held))(Site{}, place, values, gradients);
                };
        });
        if constexpr (listens_to_weights<Tap>)
            events.of_weights = [](void* held, const parameter_name& name, const_matrix_view inputs,
                                   const_matrix_view gradients) {
                (*static_cast<Tap*>(held))(name, inputs, gradients);
            };
        return events;
    }();

    void* held_;
    const event_table* events_;
};

}  // namespace unloop::inline v0

#endif
