// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan as a tap: activations are edited, weights stay as they are.
#ifndef UNLOOP_EDIT_PLAN_TAP_HPP
#define UNLOOP_EDIT_PLAN_TAP_HPP

#include <unloop/blocks/tap.hpp>
#include <unloop/edit/edits_by_layer.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// One plan for every row and token. Ids must be those of the model that runs (`check_plan`).
/// A pass costs O(tokens * edits) in all.
class plan_tap {
  public:
    explicit plan_tap(const plan& edits) : edits_(edits) {}

    /// All prompts are treated alike (a `row_sharer`).
    [[nodiscard]] static layer_range own_layers(std::size_t /*prompt*/, std::size_t /*other*/) noexcept {
        return no_layers;
    }

    template <edited_site Site>
    void operator()(Site, const tap_place& place, matrix_view values) const noexcept {
        if (!edits_.any<Site>(place.layer)) return;
        for (std::size_t t = 0; t < place.tokens.size(); ++t) edits_.apply<Site>(place, t, values);
    }

  private:
    edits_by_layer edits_;
};

}  // namespace unloop::inline v0

#endif
