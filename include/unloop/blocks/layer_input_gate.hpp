// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A residual part that lets a layer's own input into the stream through a gate ("per-layer input").
#ifndef UNLOOP_BLOCKS_LAYER_INPUT_GATE_HPP
#define UNLOOP_BLOCKS_LAYER_INPUT_GATE_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/add.hpp>
#include <unloop/kernels/gated_product.hpp>

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
};

}  // namespace unloop::inline v0

#endif
