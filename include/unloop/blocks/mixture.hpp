// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A mixture of experts: a router sends each token to a few gated MLPs, whose outputs are summed with its factors.
#ifndef UNLOOP_BLOCKS_MIXTURE_HPP
#define UNLOOP_BLOCKS_MIXTURE_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/add.hpp>
#include <unloop/kernels/dot.hpp>
#include <unloop/kernels/gated_product.hpp>
#include <unloop/kernels/gated_product_vjp.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/kernels/matmul_transposed.hpp>
#include <unloop/kernels/scale.hpp>

#include <algorithm>  // copy, fill, sort
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <vector>     // experts

namespace unloop::inline v0 {

/// Experts that read the wiring's norm (Mixtral).
struct experts_read_normed {
    template <class Visitor>
    void for_each_parameter(const layer_traits& /*traits*/, Visitor&& /*visit*/) {}
    template <class Run>
    [[nodiscard]] const_matrix_view read(Run& /*run*/, const feed_forward_input& input) const {
        return input.normed;
    }
    /// Adds to the gradient of what was read from that of what `read` gave, which may be changed.
    template <class Run>
    void backward(Run& run, const feed_forward_input& /*input*/, matrix_view gradient,
                  const feed_forward_gradient& to) const {
        add_rows(run.backend, run.executor, gradient, to.normed);
    }
};

/// Experts that read the stream behind a norm of their own (Gemma 4).
template <class Norm>
struct experts_read_own_norm {
    Norm norm;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        visit(parameter_role::expert_norm, parameter_shape{1, traits.hidden}, norm.weight);
    }
    template <class Run>
    [[nodiscard]] const_matrix_view read(Run& run, const feed_forward_input& input) const {
        const matrix_view out = run.rows_of(run.space.experts.normed, run.traits.hidden);
        norm.forward(run.backend, run.executor, run.traits.norm_epsilon, input.stream, out);
        return out;
    }
    template <class Run>
    void backward(Run& run, const feed_forward_input& input, matrix_view gradient,
                  const feed_forward_gradient& to) const {
        norm.backward(run.backend, run.executor, run.traits.norm_epsilon, input.stream, gradient);
        add_rows(run.backend, run.executor, gradient, to.stream);
    }
};

/// Weights of one expert, a gated MLP.
struct gated_expert {
    matrix_parameter gate, up;  ///< [width, hidden] each
    matrix_parameter down;      ///< [hidden, width]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, std::int32_t index, Visitor&& visit) {
        const parameter_shape wide{traits.expert_width, traits.hidden};
        visit(layer_parameter{parameter_role::expert_gate, index}, wide, gate);
        visit(layer_parameter{parameter_role::expert_up, index}, wide, up);
        visit(layer_parameter{parameter_role::expert_down, index}, parameter_shape{traits.hidden, traits.expert_width},
              down);
    }
};

/// out = sum over chosen experts e, ascending, of weight_e * down_e (activation(gate_e x) * up_e x); out: [tokens,
/// hidden]. Tokens are grouped by expert, so an expert's weights are read once a pass; an expert that no token chose
/// costs nothing. The order of a token's sum does not depend on the grouping. Experts are divided over the executor.
/// O(tokens * experts used * hidden * width). (Shazeer et al., 2017; Jiang et al., "Mixtral of experts", 2024.)
template <class Router, activation_kernel Activation, class Input>
struct mixture {
    static_assert(router_part<Router>,
                  "router: needs for_each_parameter and void route(Run&, const feed_forward_input&) const; see "
                  "docs/concepts/router.md");
    static_assert(input_part<Input>,
                  "input of experts: needs for_each_parameter and const_matrix_view read(Run&, const "
                  "feed_forward_input&) const; see docs/concepts/router.md");

    Router router;
    Input input;
    std::vector<gated_expert> experts;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        router.for_each_parameter(traits, visit);
        input.for_each_parameter(traits, visit);
        experts.resize(traits.experts);
        for (std::size_t e = 0; e < experts.size(); ++e)
            experts[e].for_each_parameter(traits, static_cast<std::int32_t>(e), visit);
    }

    template <class Run>
    void forward(Run& run, const feed_forward_input& in, matrix_view out) const {
        expects(experts.size() == run.traits.experts, "mixture: its parameters have not been visited");
        router.route(run, in);
        const std::size_t pairs = group(run);
        const const_matrix_view x = input.read(run, in);
        run_neurons(run, x, pairs);
        run.template notify<sites::expert_neurons>(neurons_of(run, pairs), run.space.experts.chosen.first(pairs));
        run_down(run, pairs);
        sum(run, out);
        run.template notify<sites::experts_output>(out);
    }

    /// Through neurons and weights of the chosen experts, the choice held fixed; gates of the experts are computed
    /// anew.
    template <class Run>
    void backward(Run& run, const feed_forward_input& in, matrix_view gradient, const feed_forward_gradient& to) const {
        scratch_scope scope(run.scratch);
        expert_workspace& space = run.space.experts;
        const std::span<const std::int32_t> chosen = run.record.chosen;
        std::copy(chosen.begin(), chosen.end(), space.chosen.begin());
        const std::size_t pairs = group(run), used = run.traits.experts_used, width = run.traits.expert_width;
        run.template notify_gradient<sites::experts_output>(gradient);
        const matrix_view of_neurons = run.scratch.matrix(pairs, width);
        const matrix_view of_weights = run.scratch.matrix(in.stream.rows(), used);
        back_through_down(run, gradient, of_weights, of_neurons);
        run.template notify_gradient<sites::expert_neurons>(of_neurons, chosen);
        const matrix_view of_read = run.scratch.matrix(in.stream.rows(), run.traits.hidden);
        back_through_neurons(run, input.read(run, in), of_neurons, of_read);
        input.backward(run, in, of_read, to);
        run.template notify_gradient<sites::expert_weights>(of_weights, chosen);
        router.backward(run, in, of_weights, to);
    }

  private:
    template <class Run>
    [[nodiscard]] static matrix_view neurons_of(Run& run, std::size_t pairs) noexcept {
        return block_workspace::shaped(run.space.experts.neurons, pairs, run.traits.expert_width);
    }

    /// Sorts the pairs (token, choice) by expert: `order` lists them, `begins[e]` is where expert e's begin.
    template <class Run>
    static std::size_t group(Run& run) {
        expert_workspace& space = run.space.experts;
        const std::size_t pairs = run.tokens.size() * run.traits.experts_used;
        std::fill(space.begins.begin(), space.begins.end(), std::size_t{0});
        for (std::size_t p = 0; p < pairs; ++p) ++space.begins[static_cast<std::size_t>(space.chosen[p])];
        for (std::size_t e = 1; e < space.begins.size(); ++e) space.begins[e] += space.begins[e - 1];
        // `begins[e]` is the end of expert e's pairs now, and comes down to their beginning; filled from the back, each
        // expert's tokens ascend.
        for (std::size_t p = pairs; p-- > 0;)
            space.order[--space.begins[static_cast<std::size_t>(space.chosen[p])]] = p;
        return pairs;
    }

    /// Calls `body(expert, first, count)` for every expert that has pairs: places [first, first + count) of `order`.
    template <class Run, class Body>
    void for_each_busy_expert(Run& run, const Body& body) const {
        const std::span<const std::size_t> begins = run.space.experts.begins;
        run.executor.for_each(experts.size(), 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t e = begin; e < end; ++e)
                if (begins[e + 1] > begins[e]) body(experts[e], begins[e], begins[e + 1] - begins[e]);
        });
    }

    /// Copies rows of tokens to where their pairs stand by expert.
    template <class Run>
    static void gather_tokens(Run& run, const_matrix_view x, std::size_t first, std::size_t count,
                              matrix_view grouped) {
        for (std::size_t i = first; i < first + count; ++i) {
            const auto from = x[run.space.experts.order[i] / run.traits.experts_used];
            std::copy(from.begin(), from.end(), grouped[i].begin());
        }
    }

    /// gradient: of the sum, [tokens, hidden]; of_weights: [tokens, experts used], of_neurons: [pairs, width], in the
    /// order of the pairs.
    template <class Run>
    void back_through_down(Run& run, const_matrix_view gradient, matrix_view of_weights, matrix_view of_neurons) const {
        scratch_scope scope(run.scratch);
        const matrix_view neurons = run.record.template values<sites::expert_neurons>();
        const matrix_view weights = run.record.template values<sites::expert_weights>();
        const matrix_view outputs = run.scratch.matrix(neurons.rows(), run.traits.hidden);
        const matrix_view along = run.scratch.zeros(neurons.rows(), neurons.columns());
        for_each_busy_expert(run, [&](const gated_expert& expert, std::size_t first, std::size_t count) {
            gather_tokens(run, gradient, first, count, outputs);
            kernels::matmul_transposed(run.backend, expert.down, outputs.rows(first, count), along.rows(first, count));
            for (std::size_t i = first; i < first + count; ++i) {
                const std::size_t pair = run.space.experts.order[i];
                of_weights.data()[pair] = kernels::dot(run.backend, along[i], neurons[pair]);
                std::copy(along[i].begin(), along[i].end(), of_neurons[pair].begin());
                kernels::scale(run.backend, weights.data()[pair], of_neurons[pair]);
            }
        });
        if (!run.wants_weights()) return;
        for (std::size_t i = 0; i < outputs.rows(); ++i) {  // what `down` read and the gradient of what it gave
            const std::size_t pair = run.space.experts.order[i];
            kernels::scale(run.backend, weights.data()[pair], outputs[i]);
            std::copy(neurons[pair].begin(), neurons[pair].end(), along[i].begin());
        }
        notify_experts(run, parameter_role::expert_down, along, outputs);
    }

    /// Gradients of one matrix of every busy expert; both by pairs, in the order of the experts.
    template <class Run>
    static void notify_experts(Run& run, parameter_role role, const_matrix_view inputs, const_matrix_view gradients) {
        const std::span<const std::size_t> begins = run.space.experts.begins;
        for (std::size_t e = 0; e + 1 < begins.size(); ++e)
            if (const std::size_t count = begins[e + 1] - begins[e]; count > 0)
                run.notify_weights({role, static_cast<std::int32_t>(e)}, inputs.rows(begins[e], count),
                                   gradients.rows(begins[e], count));
    }

    /// of_read: of what the experts read, [tokens, hidden]; a token's experts are summed in ascending order.
    template <class Run>
    void back_through_neurons(Run& run, const_matrix_view x, const_matrix_view of_neurons, matrix_view of_read) const {
        scratch_scope scope(run.scratch);
        const std::size_t pairs = of_neurons.rows(), width = of_neurons.columns();
        const matrix_view inputs = run.scratch.matrix(pairs, run.traits.hidden);
        const matrix_view of_inputs = run.scratch.zeros(pairs, run.traits.hidden);
        const matrix_view gates = run.scratch.matrix(pairs, width), ups = run.scratch.matrix(pairs, width);
        const matrix_view of_gates = run.scratch.matrix(pairs, width), of_ups = run.scratch.matrix(pairs, width);
        for_each_busy_expert(run, [&](const gated_expert& expert, std::size_t first, std::size_t count) {
            gather_tokens(run, x, first, count, inputs);
            kernels::matmul(run.backend, expert.gate, inputs.rows(first, count), gates.rows(first, count));
            kernels::matmul(run.backend, expert.up, inputs.rows(first, count), ups.rows(first, count));
            for (std::size_t i = first; i < first + count; ++i)
                kernels::gated_product_vjp<Activation>(run.backend, gates[i], ups[i],
                                                       of_neurons[run.space.experts.order[i]], of_gates[i], of_ups[i]);
            const matrix_view to = of_inputs.rows(first, count);
            kernels::matmul_transposed(run.backend, expert.gate, of_gates.rows(first, count), to);
            kernels::matmul_transposed(run.backend, expert.up, of_ups.rows(first, count), to);
        });
        notify_experts(run, parameter_role::expert_up, inputs, of_ups);
        notify_experts(run, parameter_role::expert_gate, inputs, of_gates);
        sum_pairs(run, of_inputs, of_read);
    }

    /// Neurons of all pairs, in the order of the pairs.
    template <class Run>
    void run_neurons(Run& run, const_matrix_view x, std::size_t pairs) const {
        expert_workspace& space = run.space.experts;
        const std::size_t used = run.traits.experts_used, width = run.traits.expert_width;
        const matrix_view inputs = block_workspace::shaped(space.grouped, pairs, run.traits.hidden);
        const matrix_view gates = block_workspace::shaped(space.gate, pairs, width);
        const matrix_view ups = block_workspace::shaped(space.up, pairs, width);
        const matrix_view neurons = neurons_of(run, pairs);
        for_each_busy_expert(run, [&](const gated_expert& expert, std::size_t first, std::size_t count) {
            for (std::size_t i = first; i < first + count; ++i) {
                const auto from = x[space.order[i] / used];
                std::copy(from.begin(), from.end(), inputs[i].begin());
            }
            kernels::matmul(run.backend, expert.gate, inputs.rows(first, count), gates.rows(first, count));
            kernels::matmul(run.backend, expert.up, inputs.rows(first, count), ups.rows(first, count));
            for (std::size_t i = first; i < first + count; ++i)
                kernels::gated_product<Activation>(run.backend, gates[i], ups[i], neurons[space.order[i]]);
        });
    }

    /// Outputs of all pairs, grouped.
    template <class Run>
    void run_down(Run& run, std::size_t pairs) const {
        expert_workspace& space = run.space.experts;
        const matrix_view neurons = neurons_of(run, pairs);
        const matrix_view gathered = block_workspace::shaped(space.gate, pairs, run.traits.expert_width);
        const matrix_view outputs = block_workspace::shaped(space.grouped, pairs, run.traits.hidden);
        for_each_busy_expert(run, [&](const gated_expert& expert, std::size_t first, std::size_t count) {
            for (std::size_t i = first; i < first + count; ++i) {
                const auto from = neurons[space.order[i]];
                std::copy(from.begin(), from.end(), gathered[i].begin());
            }
            kernels::matmul(run.backend, expert.down, gathered.rows(first, count), outputs.rows(first, count));
            for (std::size_t i = first; i < first + count; ++i)
                kernels::scale(run.backend, space.weight_of(space.order[i]), outputs[i]);
        });
    }

    template <class Run>
    static void sum(Run& run, matrix_view out) {
        const std::size_t pairs = run.tokens.size() * run.traits.experts_used;
        sum_pairs(run, block_workspace::shaped(run.space.experts.grouped, pairs, run.traits.hidden), out);
    }

    /// out[t] = the sum of token t's rows of `outputs`, which stand by expert.
    template <class Run>
    static void sum_pairs(Run& run, const_matrix_view outputs, matrix_view out) {
        expert_workspace& space = run.space.experts;
        const std::size_t used = run.traits.experts_used, pairs = outputs.rows();
        for (std::size_t i = 0; i < pairs; ++i) space.place[space.order[i]] = i;
        for_each_row(run.executor, out.rows(), [&](std::size_t t) {
            std::fill(out[t].begin(), out[t].end(), 0.0F);
            const auto places = space.place.subspan(t * used, used);
            // Grouped places ascend as experts do.
            std::sort(places.begin(), places.end());
            for (const std::size_t place : places) kernels::add(run.backend, outputs[place], out[t]);
        });
    }
};

}  // namespace unloop::inline v0

#endif
