// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A gradient tap whose type is known when the program runs, for code that shall be compiled once.
#ifndef UNLOOP_BLOCKS_ANY_GRADIENT_TAP_HPP
#define UNLOOP_BLOCKS_ANY_GRADIENT_TAP_HPP

#include <unloop/blocks/gradient_tap.hpp>
#include <unloop/blocks/site_events.hpp>

#include <concepts>  // same_as

namespace unloop::inline v0 {

/// Refers to a gradient tap or to none, which must outlive it. It says at run time whether it wants gradients of
/// weights.
class any_gradient_tap : public site_events<const tap_place&, const_matrix_view, matrix_view> {
  public:
    template <gradient_tap_or_none Tap>
        requires(!std::same_as<Tap, any_gradient_tap>)
    explicit any_gradient_tap(Tap& held) noexcept : site_events(held) {
        if constexpr (listens_to_weights<Tap>)
            if (unloop::wants_weights(held))
                of_weights_ = [](void* tap, const parameter_name& name, const_matrix_view inputs,
                                 const_matrix_view gradients) { (*static_cast<Tap*>(tap))(name, inputs, gradients); };
    }

    using site_events::operator();
    void operator()(const parameter_name& name, const_matrix_view inputs, const_matrix_view gradients) const {
        if (wants_weights()) of_weights_(held(), name, inputs, gradients);
    }
    [[nodiscard]] bool wants_weights() const noexcept { return of_weights_ != nullptr; }

  private:
    void (*of_weights_)(void* tap, const parameter_name& name, const_matrix_view inputs,
                        const_matrix_view gradients) = nullptr;
};

}  // namespace unloop::inline v0

#endif
