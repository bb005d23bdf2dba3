// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a part of a layer must have, beside what it needs to run, for a backward pass to go through it.
#ifndef UNLOOP_BLOCKS_BACKWARD_PART_HPP
#define UNLOOP_BLOCKS_BACKWARD_PART_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/parallel/serial.hpp>

namespace unloop::inline v0 {

namespace detail {

using any_backward_run = backward_run<reference, serial, no_tap>;

}  // namespace detail

/// Gradients of what each of the wiring's four members gave become those of what it was given, in place.
template <class Part>
concept wiring_with_backward =
    requires(const Part& part, detail::any_backward_run& run, const_matrix_view given, matrix_view gradient) {
        part.enter_attention_backward(run, given, gradient);
        part.leave_attention_backward(run, given, gradient);
        part.enter_feed_forward_backward(run, given, gradient);
        part.leave_feed_forward_backward(run, given, gradient);
    };

/// Adds to the gradient of the normed stream from that of the branch, and to those of the cache.
template <class Part>
concept attention_with_backward = requires(const Part& part, detail::any_backward_run& run, const_matrix_view normed,
                                           matrix_view gradient) { part.backward(run, normed, gradient, gradient); };

/// Adds to the gradients of stream and normed stream from that of the branch.
template <class Part>
concept feed_forward_with_backward =
    requires(const Part& part, detail::any_backward_run& run, const feed_forward_input& input, matrix_view gradient,
             const feed_forward_gradient& to) { part.backward(run, input, gradient, to); };

/// The gradient of what the part made of the stream becomes that of the stream, in place.
template <class Part>
concept residual_with_backward = requires(const Part& part, detail::any_backward_run& run, const_matrix_view stream,
                                          matrix_view gradient) { part.backward(run, stream, gradient); };

/// A layer through which gradients can go. A layer that is put together from parts says as `carries_gradients` whether
/// they all can.
template <class Layer>
concept has_backward = requires(const Layer& layer, detail::any_backward_run& run, matrix_view gradient) {
    layer.backward(run, gradient);
} && [] {
    if constexpr (requires { Layer::carries_gradients; })
        return bool{Layer::carries_gradients};
    else
        return true;
}();

}  // namespace unloop::inline v0

#endif
