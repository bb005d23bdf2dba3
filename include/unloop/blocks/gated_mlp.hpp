// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The gated MLP and its neurons: down . (activation(gate x) * up x).
#ifndef UNLOOP_BLOCKS_GATED_MLP_HPP
#define UNLOOP_BLOCKS_GATED_MLP_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/gated_product.hpp>
#include <unloop/kernels/gated_product_vjp.hpp>

namespace unloop::inline v0 {

/// Neuron j adds activation(gate_j) * up_j * down[:, j] to the branch; scaling it by m is scaling row j of up or column
/// j of down. out: [tokens, hidden]. O(tokens * hidden * width).
template <activation_kernel Activation>
struct gated_mlp {
    matrix_parameter gate, up;  ///< [width, hidden] each
    matrix_parameter down;      ///< [hidden, width]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        const parameter_shape wide{traits.mlp_width, traits.hidden};
        visit(parameter_role::gate, wide, gate);
        visit(parameter_role::up, wide, up);
        visit(parameter_role::down, parameter_shape{traits.hidden, traits.mlp_width}, down);
    }

    template <class Run>
    void forward(Run& run, const feed_forward_input& input, matrix_view out) const {
        const matrix_view gates = run.rows_of(run.space.gate, run.traits.mlp_width);
        const matrix_view ups = run.rows_of(run.space.up, run.traits.mlp_width);
        apply_linear_pair(run.backend, run.executor, gate, up, input.normed, gates, ups);
        run.template notify<sites::mlp_gate>(gates);
        run.template notify<sites::mlp_up>(ups);
        for_each_row(run.executor, out.rows(), [&](std::size_t t) {
            kernels::gated_product<Activation>(run.backend, gates[t], ups[t], gates[t]);
        });
        run.template notify<sites::mlp_neurons>(gates);
        apply_linear(run.backend, run.executor, down, gates, out);
    }
    /// Adds to the gradient of `normed`; gradient: of the output.
    template <class Run>
    void backward(Run& run, const feed_forward_input& input, matrix_view gradient,
                  const feed_forward_gradient& to) const {
        scratch_scope scope(run.scratch);
        const matrix_view gates = run.record.template values<sites::mlp_gate>();
        const matrix_view ups = run.record.template values<sites::mlp_up>();
        const matrix_view of_ups = run.scratch.zeros(gates.rows(), gates.columns());
        const matrix_view of_gates = run.scratch.matrix(gates.rows(), gates.columns());
        run.notify_weights(parameter_role::down, run.record.template values<sites::mlp_neurons>(), gradient);
        apply_linear_transposed(run.backend, run.executor, down, gradient, of_ups);
        run.template notify_gradient<sites::mlp_neurons>(of_ups);
        for_each_row(run.executor, gates.rows(), [&](std::size_t t) {
            kernels::gated_product_vjp<Activation>(run.backend, gates[t], ups[t], of_ups[t], of_gates[t], of_ups[t]);
        });
        run.template notify_gradient<sites::mlp_up>(of_ups);
        run.template notify_gradient<sites::mlp_gate>(of_gates);
        run.notify_weights(parameter_role::up, input.normed, of_ups);
        run.notify_weights(parameter_role::gate, input.normed, of_gates);
        apply_linear_transposed(run.backend, run.executor, gate, of_gates, to.normed);
        apply_linear_transposed(run.backend, run.executor, up, of_ups, to.normed);
    }
};

}  // namespace unloop::inline v0

#endif
