// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a type must have to be a part of a layer, as one small concept for each kind of part.
#ifndef UNLOOP_BLOCKS_BLOCK_PART_HPP
#define UNLOOP_BLOCKS_BLOCK_PART_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/parallel/serial.hpp>

#include <concepts>  // convertible_to
#include <cstddef>   // size_t
#include <span>      // heads

namespace unloop::inline v0 {

namespace detail {

/// Members of parts are templates over the run; the concepts try them with this one.
using any_run = block_run<reference, serial, no_tap>;

struct any_visitor {
    void operator()(layer_parameter, parameter_shape, matrix_parameter&) const noexcept {}
    void operator()(layer_parameter, parameter_shape, vector_parameter&) const noexcept {}
};

}  // namespace detail

/// Hands each of its parameters to `visit(name, shape, slot)`, those that the layer's traits ask for.
template <class Part>
concept has_parameters = requires(Part& part, const layer_traits& traits, detail::any_visitor& visit) {
    part.for_each_parameter(traits, visit);
};

/// What happens to the stream on its way into a branch (out is another buffer), and to the branch on its way back.
template <class Part>
concept wiring_part = has_parameters<Part> &&
                      requires(const Part& part, detail::any_run& run, const_matrix_view stream, matrix_view out) {
                          part.enter_attention(run, stream, out);
                          part.leave_attention(run, out);
                          part.enter_feed_forward(run, stream, out);
                          part.leave_feed_forward(run, out);
                      };

/// From the normed stream to a branch, by way of the cache.
template <class Part>
concept attention_part =
    has_parameters<Part> && requires(const Part& part, detail::any_run& run, const_matrix_view normed,
                                     matrix_view out) { part.forward(run, normed, out); };

/// From the stream and its norm to a branch.
template <class Part>
concept feed_forward_part =
    has_parameters<Part> && requires(const Part& part, detail::any_run& run, const feed_forward_input& input,
                                     matrix_view out) { part.forward(run, input, out); };

/// Acts on the whole stream behind both branches.
template <class Part>
concept residual_part = has_parameters<Part> && requires(const Part& part, detail::any_run& run, matrix_view stream) {
    part.apply(run, stream);
};

/// Query projection `query` and last projection `output`, and what happens to projected queries before they are turned.
template <class Part>
concept query_heads_part =
    has_parameters<Part> && requires(const Part& part, const detail::any_run& run, std::span<float> heads) {
        { part.query } -> std::convertible_to<weight_view>;
        { part.output } -> std::convertible_to<weight_view>;
        part.prepare(run, heads);
    };

/// The first position that a query sees.
template <class Part>
concept mask_part = requires(const layer_traits& traits, std::size_t position) {
    { Part::first_visible(traits, position) } -> std::convertible_to<std::size_t>;
};

/// Turns every head of a vector by the angles of its position.
template <class Part>
concept rotary_part = requires(const detail::any_run& run, std::size_t position, std::span<float> heads) {
    Part::turn(run, position, heads);
};

/// Sees to it that the cache holds keys (turned by `Rotary`) and values of all tokens of the run.
template <class Part, class Rotary>
concept key_value_part =
    has_parameters<Part> && requires(const Part& part, detail::any_run& run, const_matrix_view normed) {
        part.template store<Rotary>(run, normed);
    };

/// Fills `run.space.experts.chosen` and `.weights` for all tokens of the run.
template <class Part>
concept router_part = has_parameters<Part> && requires(const Part& part, detail::any_run& run,
                                                       const feed_forward_input& input) { part.route(run, input); };

/// What routers and experts read: `[tokens, hidden]`.
template <class Part>
concept input_part =
    has_parameters<Part> && requires(const Part& part, detail::any_run& run, const feed_forward_input& input) {
        { part.read(run, input) } -> std::convertible_to<const_matrix_view>;
    };

}  // namespace unloop::inline v0

#endif
