// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A residual part that lets a layer's own input into the stream through a gate ("per-layer input").
#ifndef UNLOOP_BLOCKS_LAYER_INPUT_GATE_HPP
#define UNLOOP_BLOCKS_LAYER_INPUT_GATE_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/add.hpp>
#include <unloop/kernels/gated_product.hpp>
#include <unloop/kernels/gated_product_vjp.hpp>

namespace unloop::inline v0 {

/// stream += norm(projection (activation(gate stream) * input)); the stream enters un-normed, input: [tokens, P] is
/// what `layer_inputs` made of the tokens (Gemma 4 E2B, E4B). Does nothing in a layer without such an input.
template <activation_kernel Activation, class Norm>
struct layer_input_gate {
    matrix_parameter gate;        ///< [P, hidden]
    matrix_parameter projection;  ///< [hidden, P]
    Norm norm;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        if (traits.layer_input == 0) return;
        visit(parameter_role::layer_gate, parameter_shape{traits.layer_input, traits.hidden}, gate);
        visit(parameter_role::layer_projection, parameter_shape{traits.hidden, traits.layer_input}, projection);
        visit(parameter_role::layer_output_norm, parameter_shape{1, traits.hidden}, norm.weight);
    }
    template <class Run>
    void apply(Run& run, matrix_view stream) const {
        if (run.traits.layer_input == 0) return;
        run.template notify<sites::layer_input>(run.layer_input);
        const matrix_view gates = run.rows_of(run.space.gate, run.traits.layer_input);
        const matrix_view branch = run.rows_of(run.space.branch, run.traits.hidden);
        apply_linear(run.backend, run.executor, gate, stream, gates);
        for_each_row(run.executor, stream.rows(), [&](std::size_t t) {
            kernels::gated_product<Activation>(run.backend, gates[t], run.layer_input[t], gates[t]);
        });
        apply_linear(run.backend, run.executor, projection, gates, branch);
        run.template notify<sites::layer_input_output>(branch);
        norm.forward(run.backend, run.executor, run.traits.norm_epsilon, branch, branch);
        for_each_row(run.executor, stream.rows(),
                     [&](std::size_t t) { kernels::add(run.backend, branch[t], stream[t]); });
    }
    /// The gradient of the stream, in place, and of the layer's input; stream: what `apply` was given.
    template <class Run>
    void backward(Run& run, const_matrix_view stream, matrix_view gradient) const {
        const std::size_t tokens = stream.rows(), width = run.traits.layer_input;
        if (width == 0) return;
        scratch_scope scope(run.scratch);
        const matrix_view gates = run.scratch.matrix(tokens, width);
        apply_linear(run.backend, run.executor, gate, stream, gates);
        const matrix_view of_branch = run.scratch.copy(gradient), of_gates = run.scratch.matrix(tokens, width);
        const matrix_view of_input = run.scratch.zeros(tokens, width);
        norm.backward(run.backend, run.executor, run.traits.norm_epsilon,
                      run.record.template values<sites::layer_input_output>(), of_branch);
        run.template notify_gradient<sites::layer_input_output>(of_branch);
        if (run.wants_weights()) notify_projection(run, gates, of_branch);
        apply_linear_transposed(run.backend, run.executor, projection, of_branch, of_input);
        for_each_row(run.executor, tokens, [&](std::size_t t) {
            kernels::gated_product_vjp<Activation>(run.backend, gates[t], run.layer_input[t], of_input[t], of_gates[t],
                                                   of_input[t]);
        });
        run.template notify_gradient<sites::layer_input>(of_input);
        add_rows(run.backend, run.executor, of_input, run.layer_input_gradient);
        run.notify_weights(parameter_role::layer_gate, stream, of_gates);
        apply_linear_transposed(run.backend, run.executor, gate, of_gates, gradient);
    }

  private:
    /// gates: in front of the activation.
    template <class Run>
    static void notify_projection(Run& run, const_matrix_view gates, const_matrix_view of_branch) {
        scratch_scope scope(run.scratch);
        const matrix_view products = run.scratch.matrix(gates.rows(), gates.columns());
        for (std::size_t t = 0; t < gates.rows(); ++t)
            kernels::gated_product<Activation>(run.backend, gates[t], run.layer_input[t], products[t]);
        run.notify_weights(parameter_role::layer_projection, products, of_branch);
    }
};

}  // namespace unloop::inline v0

#endif
