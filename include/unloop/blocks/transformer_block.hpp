// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One layer: attention and feed-forward, joined to the residual stream by a wiring, then any further residual parts.
#ifndef UNLOOP_BLOCKS_TRANSFORMER_BLOCK_HPP
#define UNLOOP_BLOCKS_TRANSFORMER_BLOCK_HPP

#include <unloop/blocks/backward_part.hpp>
#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/add.hpp>

#include <cstddef>  // size_t
#include <tuple>    // residual parts

namespace unloop::inline v0 {

/// `Wiring` is a pre_norm or another; `Residual` are parts with `void apply(Run&, matrix_view stream) const` that act
/// on the whole stream after both branches (per-layer input, layer scalar). stream: [tokens, hidden], changed in place.
template <class Wiring, class Attention, class FeedForward, class... Residual>
struct transformer_block {
    static_assert(wiring_part<Wiring>,
                  "wiring: needs for_each_parameter, enter_attention, leave_attention, enter_feed_forward and "
                  "leave_feed_forward; see docs/concepts/block.md");
    static_assert(attention_part<Attention>,
                  "attention: needs for_each_parameter and void forward(Run&, const_matrix_view normed, matrix_view "
                  "out) const; see docs/concepts/attention.md");
    static_assert(feed_forward_part<FeedForward>,
                  "feed_forward: needs for_each_parameter and void forward(Run&, const feed_forward_input&, "
                  "matrix_view out) const; see docs/concepts/feed_forward.md");
    static_assert((residual_part<Residual> && ...),
                  "residual part: needs for_each_parameter and void apply(Run&, matrix_view stream) const; see "
                  "docs/concepts/block.md");

    static constexpr bool carries_gradients = wiring_with_backward<Wiring> && attention_with_backward<Attention> &&
                                              feed_forward_with_backward<FeedForward> &&
                                              (residual_with_backward<Residual> && ...);

    Wiring wiring;
    Attention attention;
    FeedForward feed_forward;
    std::tuple<Residual...> residual;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        wiring.for_each_parameter(traits, visit);
        attention.for_each_parameter(traits, visit);
        feed_forward.for_each_parameter(traits, visit);
        std::apply([&](Residual&... parts) { (parts.for_each_parameter(traits, visit), ...); }, residual);
    }

    template <class Run>
    void forward(Run& run, matrix_view stream) const {
        run.template notify<sites::residual>(stream);
        attend(run, stream);
        feed(run, stream);
    }

    /// The attention branch alone.
    template <class Run>
    void attend(Run& run, matrix_view stream) const {
        const matrix_view normed = run.rows_of(run.space.normed, run.traits.hidden);
        const matrix_view branch = run.rows_of(run.space.branch, run.traits.hidden);
        wiring.enter_attention(run, stream, normed);
        attention.forward(run, normed, branch);
        run.template notify<sites::attention_output>(branch);
        wiring.leave_attention(run, branch);
        join(run, branch, stream);
    }

    /// Everything behind the attention branch; with `attend` the whole layer.
    template <class Run>
    void feed(Run& run, matrix_view stream) const {
        const matrix_view normed = run.rows_of(run.space.normed, run.traits.hidden);
        const matrix_view branch = run.rows_of(run.space.branch, run.traits.hidden);
        wiring.enter_feed_forward(run, stream, normed);
        feed_forward.forward(run, feed_forward_input{stream, normed}, branch);
        run.template notify<sites::mlp_output>(branch);
        wiring.leave_feed_forward(run, branch);
        join(run, branch, stream);
        std::apply([&](const Residual&... parts) { (parts.apply(run, stream), ...); }, residual);
    }

    /// The gradient of what left the layer becomes that of what entered it, in place; [tokens, hidden]. Reads the
    /// record of the run. O(forward).
    template <class Run>
    void backward(Run& run, matrix_view gradient) const {
        require_backward();
        scratch_scope scope(run.scratch);
        const matrix_view entering = run.record.template values<sites::residual>();
        const matrix_view attended = run.scratch.copy(run.record.template values<sites::attention_output>());
        const matrix_view fed = run.scratch.copy(run.record.template values<sites::mlp_output>());
        wiring.leave_attention(run, attended);
        join(run, entering, attended);
        if constexpr (sizeof...(Residual) > 0) {
            wiring.leave_feed_forward(run, fed);
            join(run, attended, fed);
            back_through_residual<0>(run, fed, gradient);
        }
        back_through_feed_forward(run, attended, gradient);
        back_through_attention(run, entering, gradient);
    }

  private:
    static constexpr void require_backward() noexcept {
        static_assert(wiring_with_backward<Wiring>,
                      "wiring: a backward pass needs enter_attention_backward, leave_attention_backward, "
                      "enter_feed_forward_backward and leave_feed_forward_backward; see docs/concepts/block.md");
        static_assert(attention_with_backward<Attention>,
                      "attention: a backward pass needs void backward(Run&, const_matrix_view normed, matrix_view "
                      "gradient, matrix_view of_normed) const; see docs/concepts/attention.md");
        static_assert(feed_forward_with_backward<FeedForward>,
                      "feed_forward: a backward pass needs void backward(Run&, const feed_forward_input&, matrix_view "
                      "gradient, const feed_forward_gradient&) const; see docs/concepts/feed_forward.md");
        static_assert((residual_with_backward<Residual> && ...),
                      "residual part: a backward pass needs void backward(Run&, const_matrix_view stream, matrix_view "
                      "gradient) const; see docs/concepts/block.md");
    }

    /// stream: what entered residual part `Part`.
    template <std::size_t Part, class Run>
    void back_through_residual(Run& run, const_matrix_view stream, matrix_view gradient) const {
        if constexpr (Part + 1 < sizeof...(Residual)) {
            scratch_scope scope(run.scratch);
            const matrix_view next = run.scratch.copy(stream);
            std::get<Part>(residual).apply(run, next);
            back_through_residual<Part + 1>(run, next, gradient);
        }
        std::get<Part>(residual).backward(run, stream, gradient);
    }

    /// stream: behind the attention branch.
    template <class Run>
    void back_through_feed_forward(Run& run, const_matrix_view stream, matrix_view gradient) const {
        scratch_scope scope(run.scratch);
        const matrix_view of_branch = run.scratch.copy(gradient);
        const matrix_view normed = run.scratch.matrix(stream.rows(), stream.columns());
        const matrix_view of_normed = run.scratch.zeros(stream.rows(), stream.columns());
        wiring.leave_feed_forward_backward(run, run.record.template values<sites::mlp_output>(), of_branch);
        run.template notify_gradient<sites::mlp_output>(of_branch);
        wiring.enter_feed_forward(run, stream, normed);
        feed_forward.backward(run, feed_forward_input{stream, normed}, of_branch,
                              feed_forward_gradient{gradient, of_normed});
        wiring.enter_feed_forward_backward(run, stream, of_normed);
        join(run, of_normed, gradient);
    }

    /// stream: what entered the layer.
    template <class Run>
    void back_through_attention(Run& run, const_matrix_view stream, matrix_view gradient) const {
        scratch_scope scope(run.scratch);
        const matrix_view of_branch = run.scratch.copy(gradient);
        const matrix_view normed = run.scratch.matrix(stream.rows(), stream.columns());
        const matrix_view of_normed = run.scratch.zeros(stream.rows(), stream.columns());
        wiring.leave_attention_backward(run, run.record.template values<sites::attention_output>(), of_branch);
        run.template notify_gradient<sites::attention_output>(of_branch);
        wiring.enter_attention(run, stream, normed);
        attention.backward(run, normed, of_branch, of_normed);
        wiring.enter_attention_backward(run, stream, of_normed);
        join(run, of_normed, gradient);
    }

    template <class Run>
    static void join(Run& run, const_matrix_view branch, matrix_view stream) {
        for_each_row(run.executor, stream.rows(),
                     [&](std::size_t t) { kernels::add(run.backend, branch[t], stream[t]); });
    }
};

}  // namespace unloop::inline v0

#endif
