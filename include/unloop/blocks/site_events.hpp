// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Events at sites of an object whose type is known when the program runs: what taps without a type share.
#ifndef UNLOOP_BLOCKS_SITE_EVENTS_HPP
#define UNLOOP_BLOCKS_SITE_EVENTS_HPP

#include <unloop/blocks/sites.hpp>

#include <array>  // events

namespace unloop::inline v0 {

/// Refers to an object that may have the event `object(Site{}, arguments...)` for sites of the list; it must outlive
/// this. An event that it lacks costs one comparison.
template <class... Arguments>
class site_events {
  public:
    template <class Held>
    explicit constexpr site_events(Held& held) noexcept : held_(&held), events_(&events_of<Held>) {}

    template <class Site>
        requires(sites::number<Site> < sites::count)
    void operator()(Site, Arguments... arguments) const {
        if (const event call = (*events_)[sites::number<Site>]) call(held_, arguments...);
    }

  protected:
    [[nodiscard]] void* held() const noexcept { return held_; }

  private:
    using event = void (*)(void* held, Arguments... arguments);

    template <class Held>
    static constexpr std::array<event, sites::count> events_of = [] {
        std::array<event, sites::count> events{};
        sites::for_each_site([&]<class Site>(Site) {
            if constexpr (requires(Held& held, Arguments... arguments) { held(Site{}, arguments...); })
                events[sites::number<Site>] = [](void* held, Arguments... arguments) {
                    (*static_cast<Held*>(held))(Site{}, arguments...);
                };
        });
        return events;
    }();

    void* held_;
    const std::array<event, sites::count>* events_;
};

}  // namespace unloop::inline v0

#endif
