// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What whole layers compute, and what stands before and behind them, by definition and in double.
#ifndef UNLOOP_TESTS_BLOCKS_LAYER_FORMULAS_HPP
#define UNLOOP_TESTS_BLOCKS_LAYER_FORMULAS_HPP

#include <unloop/blocks/language_head.hpp>
#include <unloop/blocks/layer_input_gate.hpp>
#include <unloop/blocks/layer_inputs.hpp>
#include <unloop/blocks/layer_scale.hpp>
#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/sandwich_norm.hpp>
#include <unloop/blocks/transformer_block.hpp>

#include <cmath>    // sqrt, tanh
#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <numbers>  // sqrt2
#include <span>     // choices
#include <tuple>    // residual parts

#include "expert_formulas.hpp"
#include "formulas.hpp"

namespace blocks {

/// stream + norm(projection (activation(gate stream) * input)).
template <class Activation, class At = no_moves>
doubles passed_on(const layer_input_gate<Activation, rms_norm>& part, const layer_traits& traits, doubles stream,
                  doubles input, std::size_t row = 0, At&& at = At{}) {
    if (traits.layer_input == 0) return stream;
    at(sites::layer_input{}, row, input);
    doubles branch = times(part.projection, gated_product(Activation{}, times(part.gate, stream), input));
    at(sites::layer_input_output{}, row, branch);
    add_to(stream, normed(part.norm.weight, traits.norm_epsilon, branch));
    return stream;
}
template <class At = no_moves>
doubles passed_on(const layer_scale& part, const layer_traits& /*traits*/, doubles stream, const doubles& /*input*/,
                  std::size_t /*row*/ = 0, At&& /*at*/ = At{}) {
    for (double& value : stream) value *= static_cast<double>(part.factor[0]);
    return stream;
}

inline doubles left_attention(const pre_norm<rms_norm>&, const layer_traits&, const doubles& branch) { return branch; }
inline doubles left_attention(const sandwich_norm<rms_norm>& wiring, const layer_traits& traits,
                              const doubles& branch) {
    return normed(wiring.attention_output.weight, traits.norm_epsilon, branch);
}
inline doubles left_feed_forward(const pre_norm<rms_norm>&, const layer_traits&, const doubles& branch) {
    return branch;
}
inline doubles left_feed_forward(const sandwich_norm<rms_norm>& wiring, const layer_traits& traits,
                                 const doubles& branch) {
    return normed(wiring.feed_forward_output.weight, traits.norm_epsilon, branch);
}

/// What enters a layer; the choice of experts, [tokens * experts used], is given.
struct layer_entry {
    sequence stream, input;
    std::span<const std::int32_t> chosen;
};

/// x + attention(norm x), then x + feed_forward(norm x), then the residual parts in their order.
template <class Wiring, class Attention, class FeedForward, class... Residual, class At = no_moves>
sequence layered(const transformer_block<Wiring, Attention, FeedForward, Residual...>& block,
                 const layer_traits& traits, layer_entry in, At&& at = At{}) {
    sequence entering;
    for (const doubles& x : in.stream)
        entering.push_back(normed(block.wiring.attention.weight, traits.norm_epsilon, x));
    sequence branch = attended(block.attention, traits, entering, at);
    for (std::size_t t = 0; t < branch.size(); ++t) {
        doubles& x = in.stream[t];
        at(sites::attention_output{}, t, branch[t]);
        add_to(x, left_attention(block.wiring, traits, branch[t]));
        const doubles inner = normed(block.wiring.feed_forward.weight, traits.norm_epsilon, x);
        const std::size_t used = traits.experts_used;
        doubles more = fed(block.feed_forward, traits, {x, inner, in.chosen.subspan(t * used, used)}, t, at);
        at(sites::mlp_output{}, t, more);
        add_to(x, left_feed_forward(block.wiring, traits, more));
        std::apply([&](const Residual&... parts) { ((x = passed_on(parts, traits, x, in.input[t], t, at)), ...); },
                   block.residual);
    }
    return in.stream;
}

/// Inputs of all layers of one token: (norm(projection embedded / sqrt(hidden)) + sqrt(P) table) / sqrt(2), layer by
/// layer; `norm(values of one layer)`.
template <class Embedding, class LayerNorm, class Norm>
doubles layer_inputs_of(const embedding_with_layer_inputs<Embedding, LayerNorm>& embedding,
                        const embedding_traits& traits, std::size_t token, const doubles& embedded, const Norm& norm) {
    const std::size_t width = traits.layer_input;
    doubles context = times(embedding.layer_projection, embedded);
    for (double& value : context) value /= std::sqrt(static_cast<double>(traits.hidden));
    const doubles own = widened(embedding.layer_table, token);
    doubles inputs;
    for (std::size_t at = 0; at < context.size(); at += width) {
        const auto first = context.begin() + static_cast<std::ptrdiff_t>(at);
        const doubles part = norm(doubles(first, first + static_cast<std::ptrdiff_t>(width)));
        for (std::size_t c = 0; c < width; ++c)
            inputs.push_back((part[c] + std::sqrt(static_cast<double>(width)) * own[at + c]) / std::numbers::sqrt2);
    }
    return inputs;
}

/// Soft-capped unless `cap` is 0.
inline doubles logits_of(const language_head& head, float cap, const doubles& normed_stream) {
    doubles logits = times(head.weights, normed_stream);
    for (double& value : logits)
        if (cap != 0) value = static_cast<double>(cap) * std::tanh(value / static_cast<double>(cap));
    return logits;
}

}  // namespace blocks

#endif
