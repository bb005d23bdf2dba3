// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A tap whose type is known when the program runs, for code that shall be compiled once.
#ifndef UNLOOP_BLOCKS_ANY_TAP_HPP
#define UNLOOP_BLOCKS_ANY_TAP_HPP

#include <unloop/blocks/site_events.hpp>
#include <unloop/blocks/tap.hpp>

#include <concepts>  // same_as

namespace unloop::inline v0 {

/// Refers to a tap or to none, which must outlive it.
class any_tap : public site_events<const tap_place&, matrix_view> {
  public:
    template <tap_or_none Tap>
        requires(!std::same_as<Tap, any_tap>)
    explicit any_tap(Tap& held) noexcept : site_events(held) {}
};

}  // namespace unloop::inline v0

#endif
