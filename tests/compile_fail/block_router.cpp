// expect: router: needs for_each_parameter and void route(Run&, const feed_forward_input&) const; see
// expect: docs/concepts/router.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A router that does not route.
#include <unloop/blocks/mixture.hpp>
#include <unloop/kernels/silu.hpp>

struct router {
    template <class Visitor>
    void for_each_parameter(const unloop::layer_traits&, Visitor&&) {}
};

unloop::mixture<router, unloop::kernels::silu_t, unloop::experts_read_normed> experts;
