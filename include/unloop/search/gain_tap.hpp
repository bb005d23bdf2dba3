// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One factor a target, in a forward pass and in the pass back: what fitted gains are while they are fitted.
#ifndef UNLOOP_SEARCH_GAIN_TAP_HPP
#define UNLOOP_SEARCH_GAIN_TAP_HPP

#include <unloop/attribute/target_elements.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/blocks/gradient_tap.hpp>

#include <algorithm>  // max
#include <array>      // sites
#include <cstddef>    // size_t
#include <cstdint>    // uint8_t
#include <vector>     // values

namespace unloop::inline v0 {

/// Multiplies every target by its factor; in the pass back it adds up the gradients of the factors, and hands those of
/// the values on. Of each site it keeps the values of the latest layer before they were multiplied, which is the layer
/// that goes back next where layers run a second time (`kept_activations::residual`). Both must outlive it.
class gain_tap {
  public:
    gain_tap(const target_scores& factors, target_scores& gradients) : factors_(factors), gradients_(gradients) {}

    template <target_site_type Site>
    void operator()(Site, const tap_place& place, matrix_view values) {
        std::vector<float>& before = before_[sites::number<Site>];
        before.clear();
        for (std::size_t row = 0; row < values.rows(); ++row)
            before.insert(before.end(), values[row].begin(), values[row].end());
        multiply<Site>(place, values);
        positions_ = 0;
        for (const batch_token& token : place.tokens)
            positions_ = std::max(positions_, static_cast<std::size_t>(token.position) + 1);
    }
    template <target_site_type Site>
    void operator()(Site, const tap_place& place, const_matrix_view values, matrix_view gradients) {
        const const_matrix_view before(before_[sites::number<Site>].data(), values.rows(), values.columns());
        const std::vector<std::uint8_t> all(positions_, 1);
        for_each_kind_at<Site>([&]<class Id>(target_kind<Id> kind) {
            add_products(kind, place, all, before, gradients, gradients_.of<Id>(static_cast<std::size_t>(place.layer)));
        });
        multiply<Site>(place, gradients);
    }

  private:
    template <class Site>
    void multiply(const tap_place& place, matrix_view values) const {
        for_each_kind_at<Site>([&]<class Id>(target_kind<Id> kind) {
            const std::vector<double>& factors = factors_.of<Id>(static_cast<std::size_t>(place.layer));
            const std::size_t channels = channels_of(kind, place);
            for (std::size_t row = 0; row < values.rows(); ++row)
                for (std::size_t column = 0; column < values.columns(); ++column)
                    values[row][column] *=
                        static_cast<float>(factors[element_of(kind, place, row, column, values.columns()) / channels]);
        });
    }

    const target_scores& factors_;
    target_scores& gradients_;
    std::array<std::vector<float>, sites::count> before_;
    std::size_t positions_ = 0;
};

}  // namespace unloop::inline v0

#endif
