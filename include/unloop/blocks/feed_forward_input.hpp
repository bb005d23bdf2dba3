// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a feed-forward part reads: the stream after attention, and the same behind the wiring's norm.
#ifndef UNLOOP_BLOCKS_FEED_FORWARD_INPUT_HPP
#define UNLOOP_BLOCKS_FEED_FORWARD_INPUT_HPP

#include <unloop/tensor/view.hpp>

namespace unloop::inline v0 {

/// Both [tokens, hidden]. A gated MLP reads `normed`; routers and experts may norm the stream on their own.
struct feed_forward_input {
    const_matrix_view stream;
    const_matrix_view normed;
};

/// Gradients of the same two, to which a backward pass adds.
struct feed_forward_gradient {
    matrix_view stream;
    matrix_view normed;
};

}  // namespace unloop::inline v0

#endif
