// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest tap: one event, and nothing else.
#ifndef UNLOOP_ARCHETYPES_TAP_HPP
#define UNLOOP_ARCHETYPES_TAP_HPP

#include <unloop/blocks/tap.hpp>

namespace archetypes {

/// Counts its calls. Neither copied nor moved: a run holds a reference.
struct neuron_tap {
    neuron_tap() = default;
    neuron_tap(const neuron_tap&) = delete;
    neuron_tap& operator=(const neuron_tap&) = delete;
    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place& /*place*/, unloop::matrix_view /*values*/) {
        ++calls;
    }
    int calls = 0;
};

}  // namespace archetypes

#endif
