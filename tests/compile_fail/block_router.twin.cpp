// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it routes.
#include <unloop/blocks/mixture.hpp>
#include <unloop/kernels/silu.hpp>

struct router {
    template <class Visitor>
    void for_each_parameter(const unloop::layer_traits&, Visitor&&) {}
    template <class Run>
    void route(Run&, const unloop::feed_forward_input&) const {}
};

unloop::mixture<router, unloop::kernels::silu_t, unloop::experts_read_normed> experts;
