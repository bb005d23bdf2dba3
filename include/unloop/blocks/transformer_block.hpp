// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One layer: attention and feed-forward, joined to the residual stream by a wiring, then any further residual parts.
#ifndef UNLOOP_BLOCKS_TRANSFORMER_BLOCK_HPP
#define UNLOOP_BLOCKS_TRANSFORMER_BLOCK_HPP

#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/add.hpp>

#include <tuple>  // residual parts

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

  private:
    template <class Run>
    static void join(Run& run, const_matrix_view branch, matrix_view stream) {
        for_each_row(run.executor, stream.rows(),
                     [&](std::size_t t) { kernels::add(run.backend, branch[t], stream[t]); });
    }
};

}  // namespace unloop::inline v0

#endif
