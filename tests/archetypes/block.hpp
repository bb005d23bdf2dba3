// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest parts of a layer: what their concepts ask for, and nothing else.
#ifndef UNLOOP_ARCHETYPES_BLOCK_HPP
#define UNLOOP_ARCHETYPES_BLOCK_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/scale.hpp>

#include <algorithm>  // fill
#include <cstddef>    // size_t
#include <cstdint>    // int32_t

namespace archetypes {

using unloop::apply_linear, unloop::for_each_row, unloop::feed_forward_input, unloop::layer_traits,
    unloop::matrix_parameter;
using unloop::matrix_view, unloop::parameter_role, unloop::parameter_shape;
namespace kernels = unloop::kernels;
namespace sites = unloop::sites;

// [residual]
/// The stream times a half.
struct halves {
    template <class Visitor>
    void for_each_parameter(const layer_traits&, Visitor&&) {}

    template <class Run>
    void apply(Run& run, matrix_view stream) const {
        for_each_row(run.executor, stream.rows(), [&](std::size_t t) { kernels::scale(run.backend, 0.5F, stream[t]); });
    }
};
// [/residual]

// [feed_forward]
/// One matrix.
struct linear {
    matrix_parameter map;  ///< [hidden, hidden]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        visit(parameter_role::down, parameter_shape{traits.hidden, traits.hidden}, map);
    }
    template <class Run>
    void forward(Run& run, const feed_forward_input& input, matrix_view out) const {
        apply_linear(run.backend, run.executor, map, input.normed, out);
    }
};
// [/feed_forward]

// [mask]
/// A token sees itself and the token before it.
struct one_back {
    static std::size_t first_visible(const layer_traits&, std::size_t position) {
        return position > 0 ? position - 1 : 0;
    }
};
// [/mask]

// [router]
/// The token itself says which experts it gets (Roller et al., "Hash layers for large sparse models", 2021).
struct hash_router {
    template <class Visitor>
    void for_each_parameter(const layer_traits&, Visitor&&) {}

    template <class Run>
    void route(Run& run, const feed_forward_input&) const {
        const std::size_t used = run.traits.experts_used;
        const matrix_view weights = run.rows_of(run.space.experts.weights, used);
        const auto chosen = run.space.experts.chosen.first(run.tokens.size() * used);
        for (std::size_t t = 0; t < run.tokens.size(); ++t) {
            std::fill(weights[t].begin(), weights[t].end(), 1.0F / static_cast<float>(used));
            for (std::size_t k = 0; k < used; ++k) {
                const auto expert = (static_cast<std::size_t>(run.tokens[t].token) + k) % run.traits.experts;
                chosen[t * used + k] = static_cast<std::int32_t>(expert);
            }
        }
        run.template notify<sites::expert_weights>(weights, chosen);
    }
};
// [/router]

}  // namespace archetypes

#endif
