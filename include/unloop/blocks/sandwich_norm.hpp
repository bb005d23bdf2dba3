// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Residual wiring with a norm before and a norm behind each branch, as in Gemma.
#ifndef UNLOOP_BLOCKS_SANDWICH_NORM_HPP
#define UNLOOP_BLOCKS_SANDWICH_NORM_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>

namespace unloop::inline v0 {

/// The norm behind a branch gives what joins the stream a length of its own, whatever the size of the branch's output:
/// an edit of one neuron turns the branch and rescales all its others.
template <class Norm>
struct sandwich_norm {
    Norm attention, attention_output, feed_forward, feed_forward_output;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        const parameter_shape shape{1, traits.hidden};
        visit(parameter_role::attention_norm, shape, attention.weight);
        visit(parameter_role::attention_output_norm, shape, attention_output.weight);
        visit(parameter_role::feed_forward_norm, shape, feed_forward.weight);
        visit(parameter_role::feed_forward_output_norm, shape, feed_forward_output.weight);
    }
    template <class Run>
    void enter_attention(Run& run, const_matrix_view stream, matrix_view out) const {
        attention.forward(run.backend, run.executor, run.traits.norm_epsilon, stream, out);
    }
    template <class Run>
    void leave_attention(Run& run, matrix_view branch) const {
        attention_output.forward(run.backend, run.executor, run.traits.norm_epsilon, branch, branch);
    }
    template <class Run>
    void enter_feed_forward(Run& run, const_matrix_view stream, matrix_view out) const {
        feed_forward.forward(run.backend, run.executor, run.traits.norm_epsilon, stream, out);
    }
    template <class Run>
    void leave_feed_forward(Run& run, matrix_view branch) const {
        feed_forward_output.forward(run.backend, run.executor, run.traits.norm_epsilon, branch, branch);
    }

    // Gradients of what each of the four gave become those of what it was given, in place.

    template <class Run>
    void enter_attention_backward(Run& run, const_matrix_view stream, matrix_view gradient) const {
        attention.backward(run.backend, run.executor, run.traits.norm_epsilon, stream, gradient);
    }
    template <class Run>
    void leave_attention_backward(Run& run, const_matrix_view branch, matrix_view gradient) const {
        attention_output.backward(run.backend, run.executor, run.traits.norm_epsilon, branch, gradient);
    }
    template <class Run>
    void enter_feed_forward_backward(Run& run, const_matrix_view stream, matrix_view gradient) const {
        feed_forward.backward(run.backend, run.executor, run.traits.norm_epsilon, stream, gradient);
    }
    template <class Run>
    void leave_feed_forward_backward(Run& run, const_matrix_view branch, matrix_view gradient) const {
        feed_forward_output.backward(run.backend, run.executor, run.traits.norm_epsilon, branch, gradient);
    }
};

}  // namespace unloop::inline v0

#endif
