// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A tap that lets routers choose as they did in a recorded run, whatever else is changed.
#ifndef UNLOOP_ATTRIBUTE_RECORDED_CHOICE_HPP
#define UNLOOP_ATTRIBUTE_RECORDED_CHOICE_HPP

#include <unloop/attribute/recorded_run.hpp>
#include <unloop/blocks/tap.hpp>

#include <algorithm>  // find
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <limits>     // infinity

namespace unloop::inline v0 {

/// Logits of experts that the token did not choose become minus infinity; the weights of the others are theirs, since
/// renormalised weights know nothing of experts that were not chosen. The run must outlive it.
struct recorded_choice {
    const recorded_run* run;

    void operator()(sites::router_logits, const tap_place& place, matrix_view values) const {
        const auto layer = static_cast<std::size_t>(place.layer);
        const std::size_t used = run->experts_used(layer);
        for (std::size_t t = 0; t < values.rows(); ++t) {
            const auto first = run->experts[layer].chosen.begin() +
                               static_cast<std::ptrdiff_t>(static_cast<std::size_t>(place.tokens[t].position) * used);
            const auto last = first + static_cast<std::ptrdiff_t>(used);
            for (std::size_t e = 0; e < values.columns(); ++e)
                if (std::find(first, last, static_cast<std::int32_t>(e)) == last)
                    values[t][e] = -std::numeric_limits<float>::infinity();
        }
    }
};
static_assert(activation_tap<recorded_choice>);

}  // namespace unloop::inline v0

#endif
