// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Residual wiring with a norm before each branch, as in Llama.
#ifndef UNLOOP_BLOCKS_PRE_NORM_HPP
#define UNLOOP_BLOCKS_PRE_NORM_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>

namespace unloop::inline v0 {

/// A wiring says what happens to the stream on its way into a branch and to the branch on its way back. Here: a norm in
/// front, nothing behind.
template <class Norm>
struct pre_norm {
    Norm attention, feed_forward;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        visit(parameter_role::attention_norm, parameter_shape{1, traits.hidden}, attention.weight);
        visit(parameter_role::feed_forward_norm, parameter_shape{1, traits.hidden}, feed_forward.weight);
    }
    template <class Run>
    void enter_attention(Run& run, const_matrix_view stream, matrix_view out) const {
        attention.forward(run.backend, run.executor, run.traits.norm_epsilon, stream, out);
    }
    template <class Run>
    void leave_attention(Run& /*run*/, matrix_view /*branch*/) const {}
    template <class Run>
    void enter_feed_forward(Run& run, const_matrix_view stream, matrix_view out) const {
        feed_forward.forward(run.backend, run.executor, run.traits.norm_epsilon, stream, out);
    }
    template <class Run>
    void leave_feed_forward(Run& /*run*/, matrix_view /*branch*/) const {}

    // Gradients of what each of the four gave become those of what it was given, in place.

    template <class Run>
    void enter_attention_backward(Run& run, const_matrix_view stream, matrix_view gradient) const {
        attention.backward(run.backend, run.executor, run.traits.norm_epsilon, stream, gradient);
    }
    template <class Run>
    void leave_attention_backward(Run& /*run*/, const_matrix_view /*branch*/, matrix_view /*gradient*/) const {}
    template <class Run>
    void enter_feed_forward_backward(Run& run, const_matrix_view stream, matrix_view gradient) const {
        feed_forward.backward(run.backend, run.executor, run.traits.norm_epsilon, stream, gradient);
    }
    template <class Run>
    void leave_feed_forward_backward(Run& /*run*/, const_matrix_view /*branch*/, matrix_view /*gradient*/) const {}
};

}  // namespace unloop::inline v0

#endif
