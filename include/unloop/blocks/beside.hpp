// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A dense MLP and routed experts side by side, each behind a norm of its own (Gemma 4 26B-A4B).
#ifndef UNLOOP_BLOCKS_BESIDE_HPP
#define UNLOOP_BLOCKS_BESIDE_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/add.hpp>

namespace unloop::inline v0 {

/// out = dense_norm(dense) + experts_norm(experts); in a layer without experts the dense part alone, without its norm.
/// out: [tokens, hidden].
template <class Dense, class Experts, class Norm>
struct beside {
    static_assert(feed_forward_part<Dense> && feed_forward_part<Experts>,
                  "feed_forward: needs for_each_parameter and void forward(Run&, const feed_forward_input&, "
                  "matrix_view out) const; see docs/concepts/feed_forward.md");

    Dense dense;
    Experts experts;
    Norm dense_norm, experts_norm;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        dense.for_each_parameter(traits, visit);
        if (traits.experts == 0) return;
        const parameter_shape shape{1, traits.hidden};
        visit(parameter_role::dense_output_norm, shape, dense_norm.weight);
        experts.for_each_parameter(traits, visit);
        visit(parameter_role::expert_output_norm, shape, experts_norm.weight);
    }

    template <class Run>
    void forward(Run& run, const feed_forward_input& input, matrix_view out) const {
        dense.forward(run, input, out);
        if (run.traits.experts == 0) return;
        const float epsilon = run.traits.norm_epsilon;
        const matrix_view routed = run.rows_of(run.space.experts.output, run.traits.hidden);
        run.template notify<sites::dense_output>(out);
        dense_norm.forward(run.backend, run.executor, epsilon, out, out);
        experts.forward(run, input, routed);
        experts_norm.forward(run.backend, run.executor, epsilon, routed, routed);
        for_each_row(run.executor, out.rows(), [&](std::size_t t) { kernels::add(run.backend, routed[t], out[t]); });
    }
    template <class Run>
    void backward(Run& run, const feed_forward_input& input, matrix_view gradient,
                  const feed_forward_gradient& to) const {
        if (run.traits.experts == 0) return dense.backward(run, input, gradient, to);
        scratch_scope scope(run.scratch);
        const float epsilon = run.traits.norm_epsilon;
        const matrix_view of_dense = run.scratch.copy(gradient);
        dense_norm.backward(run.backend, run.executor, epsilon, run.record.template values<sites::dense_output>(),
                            of_dense);
        run.template notify_gradient<sites::dense_output>(of_dense);
        dense.backward(run, input, of_dense, to);
        experts_norm.backward(run.backend, run.executor, epsilon, run.record.template values<sites::experts_output>(),
                              gradient);
        experts.backward(run, input, gradient, to);
    }
};

}  // namespace unloop::inline v0

#endif
