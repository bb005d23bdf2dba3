// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Routers: which experts a token goes to, and with which factors their outputs are summed.
#ifndef UNLOOP_BLOCKS_ROUTER_HPP
#define UNLOOP_BLOCKS_ROUTER_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/rms_norm.hpp>
#include <unloop/kernels/rms_norm_vjp.hpp>
#include <unloop/kernels/scale.hpp>
#include <unloop/kernels/softmax.hpp>
#include <unloop/kernels/softmax_vjp.hpp>
#include <unloop/kernels/top_k.hpp>

#include <algorithm>  // copy
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // choices

namespace unloop::inline v0 {

/// A router that reads what the experts read (Mixtral).
struct routes_normed_stream {
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

/// A router that reads the stream behind a norm without weight, times one factor a channel and 1 / sqrt(hidden)
/// (Gemma 4).
struct routes_scaled_stream {
    vector_parameter channel_scale;  ///< [hidden]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        visit(parameter_role::router_scale, parameter_shape{1, traits.hidden}, channel_scale);
    }
    template <class Run>
    [[nodiscard]] const_matrix_view read(Run& run, const feed_forward_input& input) const {
        const matrix_view out = run.rows_of(run.space.experts.normed, run.traits.hidden);
        const float factor = 1.0F / std::sqrt(static_cast<float>(run.traits.hidden));
        for_each_row(run.executor, out.rows(), [&](std::size_t t) {
            kernels::rms_norm(run.backend, input.stream[t], channel_scale, run.traits.norm_epsilon, out[t]);
            kernels::scale(run.backend, factor, out[t]);
        });
        return out;
    }
    template <class Run>
    void backward(Run& run, const feed_forward_input& input, matrix_view gradient,
                  const feed_forward_gradient& to) const {
        const float factor = 1.0F / std::sqrt(static_cast<float>(run.traits.hidden));
        for_each_row(run.executor, gradient.rows(), [&](std::size_t t) {
            kernels::scale(run.backend, factor, gradient[t]);
            kernels::rms_norm_vjp(run.backend, input.stream[t], channel_scale, run.traits.norm_epsilon, gradient[t],
                                  gradient[t]);
        });
        add_rows(run.backend, run.executor, gradient, to.stream);
    }
};

/// Experts count as the router weighs them.
struct experts_as_weighed {
    template <class Visitor>
    void for_each_parameter(const layer_traits& /*traits*/, Visitor&& /*visit*/) {}
    void apply(std::span<const std::int32_t> /*chosen*/, std::span<float> /*weights*/) const noexcept {}
    /// Gradients of the factors become those of the weights, in place.
    void backward(std::span<const std::int32_t> /*chosen*/, std::span<float> /*gradient*/) const noexcept {}
};

/// Each expert has a factor of its own, applied after renormalising, so that weights need not sum to 1 (Gemma 4). What
/// `suppress`, `invert` and `scale` of an expert change.
struct experts_scaled {
    vector_parameter expert_scale;  ///< [experts]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        visit(parameter_role::expert_scale, parameter_shape{1, traits.experts}, expert_scale);
    }
    void apply(std::span<const std::int32_t> chosen, std::span<float> weights) const noexcept {
        for (std::size_t k = 0; k < chosen.size(); ++k) weights[k] *= expert_scale[static_cast<std::size_t>(chosen[k])];
    }
    void backward(std::span<const std::int32_t> chosen, std::span<float> gradient) const noexcept {
        apply(chosen, gradient);
    }
};

/// Softmax over all experts, the most probable `experts_used` of them, their probabilities divided by their sum, then
/// the factors of `Scale`. Chosen by logit, ties to the lower index: an expert whose logit a tap has made minus
/// infinity is never chosen while enough others remain. O(tokens * experts * hidden).
template <class Input, class Scale>
struct softmax_top_k {
    static_assert(input_part<Input>,
                  "input of a router: needs for_each_parameter and const_matrix_view read(Run&, const "
                  "feed_forward_input&) const; see docs/concepts/router.md");

    Input input;
    matrix_parameter weights;  ///< [experts, hidden]
    Scale scale;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        input.for_each_parameter(traits, visit);
        visit(parameter_role::router, parameter_shape{traits.experts, traits.hidden}, weights);
        scale.for_each_parameter(traits, visit);
    }

    /// Fills `run.space.experts.chosen` and `.weights`, [tokens, experts used], most probable first.
    template <class Run>
    void route(Run& run, const feed_forward_input& in) const {
        expert_workspace& space = run.space.experts;
        const std::size_t used = run.traits.experts_used;
        const matrix_view logits = run.rows_of(space.probabilities, run.traits.experts);
        const matrix_view chosen_weights = run.rows_of(space.weights, used);
        const std::span<std::int32_t> chosen = space.chosen.first(run.tokens.size() * used);
        apply_linear(run.backend, run.executor, weights, input.read(run, in), logits);
        run.template notify<sites::router_logits>(logits);
        for_each_row(run.executor, logits.rows(), [&](std::size_t t) {
            const auto best = chosen.subspan(t * used, used);
            kernels::top_k(run.backend, logits[t], best);
            kernels::softmax(run.backend, logits[t]);
            float sum = 0;
            for (std::size_t k = 0; k < used; ++k)
                sum += chosen_weights[t][k] = logits[t][static_cast<std::size_t>(best[k])];
            kernels::scale(run.backend, 1.0F / sum, chosen_weights[t]);
            scale.apply(best, chosen_weights[t]);
        });
        run.template notify<sites::router_probabilities>(logits);
        run.template notify<sites::expert_weights>(chosen_weights, chosen);
    }
    /// Adds to the gradients of what was read, the choice held fixed; gradient: of the weights, [tokens, experts used],
    /// changed. Renormalised probabilities are the softmax of the chosen logits, so the others have no part in them.
    template <class Run>
    void backward(Run& run, const feed_forward_input& in, matrix_view gradient, const feed_forward_gradient& to) const {
        scratch_scope scope(run.scratch);
        const std::size_t used = run.traits.experts_used;
        const matrix_view logits = run.record.template values<sites::router_logits>();
        const matrix_view shares = run.scratch.matrix(logits.rows(), used);
        const matrix_view of_logits = run.scratch.zeros(logits.rows(), logits.columns());
        const matrix_view of_input = run.scratch.zeros(logits.rows(), weights.columns);
        for_each_row(run.executor, logits.rows(), [&](std::size_t t) {
            const auto best = run.record.chosen.subspan(t * used, used);
            for (std::size_t k = 0; k < used; ++k) shares[t][k] = logits[t][static_cast<std::size_t>(best[k])];
            kernels::softmax(run.backend, shares[t]);
            scale.backward(best, gradient[t]);
            kernels::softmax_vjp(run.backend, shares[t], gradient[t]);
            for (std::size_t k = 0; k < used; ++k) of_logits[t][static_cast<std::size_t>(best[k])] = gradient[t][k];
        });
        run.template notify_gradient<sites::router_logits>(of_logits);
        if (run.wants_weights()) run.notify_weights(parameter_role::router, input.read(run, in), of_logits);
        apply_linear_transposed(run.backend, run.executor, weights, of_logits, of_input);
        input.backward(run, in, of_input, to);
    }
};

}  // namespace unloop::inline v0

#endif
