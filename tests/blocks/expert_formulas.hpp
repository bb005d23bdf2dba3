// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What routers, experts and whole feed-forward parts compute, by definition and in double.
#ifndef UNLOOP_TESTS_BLOCKS_EXPERT_FORMULAS_HPP
#define UNLOOP_TESTS_BLOCKS_EXPERT_FORMULAS_HPP

#include <unloop/blocks/beside.hpp>
#include <unloop/blocks/mixture.hpp>
#include <unloop/blocks/router.hpp>

#include <algorithm>  // stable_sort
#include <cmath>      // exp, sqrt
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <numeric>    // iota
#include <span>       // choices
#include <vector>     // choices

#include "formulas.hpp"

namespace blocks {

/// One token on its way into a feed-forward part; the choice of its experts is given.
struct fed_token {
    doubles stream, normed;
    std::span<const std::int32_t> chosen;
};

inline doubles input_of(const routes_normed_stream&, const layer_traits&, const fed_token& in) { return in.normed; }
inline doubles input_of(const experts_read_normed&, const layer_traits&, const fed_token& in) { return in.normed; }
inline doubles input_of(const experts_read_own_norm<rms_norm>& input, const layer_traits& traits, const fed_token& in) {
    return normed(input.norm.weight, traits.norm_epsilon, in.stream);
}
inline doubles input_of(const routes_scaled_stream& input, const layer_traits& traits, const fed_token& in) {
    doubles x = normed(input.channel_scale, traits.norm_epsilon, in.stream);
    for (double& value : x) value /= std::sqrt(static_cast<double>(x.size()));
    return x;
}

inline double factor_of(const experts_as_weighed&, std::int32_t) { return 1; }
inline double factor_of(const experts_scaled& scale, std::int32_t expert) {
    return static_cast<double>(scale.expert_scale[static_cast<std::size_t>(expert)]);
}

/// The experts of the `used` largest logits, of which ties go to the lower index.
inline std::vector<std::int32_t> largest_of(const doubles& logits, std::size_t used) {
    std::vector<std::int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    order.resize(used);
    return order;
}

inline doubles softmax_of(doubles logits) {
    double total = 0;
    for (double& logit : logits) total += logit = std::exp(logit);
    for (double& share : logits) share /= total;
    return logits;
}

/// Probabilities of the chosen experts, renormalised, then scaled.
template <class Scale>
doubles weights_of(const Scale& scale, const doubles& probabilities, std::span<const std::int32_t> chosen) {
    double sum = 0;
    for (const std::int32_t e : chosen) sum += probabilities[static_cast<std::size_t>(e)];
    doubles weights;
    for (const std::int32_t e : chosen)
        weights.push_back(probabilities[static_cast<std::size_t>(e)] / sum * factor_of(scale, e));
    return weights;
}

/// The weights of a token's chosen experts.
template <class Input, class Scale, class At = no_moves>
doubles routed_weights(const softmax_top_k<Input, Scale>& router, const layer_traits& traits, const fed_token& in,
                       std::size_t row = 0, At&& at = At{}) {
    doubles logits = times(router.weights, input_of(router.input, traits, in));
    at(sites::router_logits{}, row, logits);
    doubles weights = weights_of(router.scale, softmax_of(logits), in.chosen);
    at(sites::expert_weights{}, row, weights);
    return weights;
}

template <class Activation, class At = no_moves>
doubles fed(const gated_mlp<Activation>& part, const layer_traits& /*traits*/, const fed_token& in, std::size_t row = 0,
            At&& at = At{}) {
    return gated(part, in.normed, row, at);
}

/// The weighted sum of what the chosen experts put out.
template <class Router, class Activation, class Input, class At = no_moves>
doubles fed(const mixture<Router, Activation, Input>& part, const layer_traits& traits, const fed_token& in,
            std::size_t row = 0, At&& at = At{}) {
    const doubles weights = routed_weights(part.router, traits, in, row, at), x = input_of(part.input, traits, in);
    doubles sum(traits.hidden);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        const gated_expert& expert = part.experts[static_cast<std::size_t>(in.chosen[k])];
        doubles neurons = gated_product(Activation{}, times(expert.gate, x), times(expert.up, x));
        at(sites::expert_neurons{}, row * weights.size() + k, neurons);
        const doubles out = times(expert.down, neurons);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weights[k] * out[i];
    }
    at(sites::experts_output{}, row, sum);
    return sum;
}

template <class Dense, class Experts, class At = no_moves>
doubles fed(const beside<Dense, Experts, rms_norm>& part, const layer_traits& traits, const fed_token& in,
            std::size_t row = 0, At&& at = At{}) {
    doubles dense = fed(part.dense, traits, in, row, at);
    if (traits.experts == 0) return dense;
    at(sites::dense_output{}, row, dense);
    doubles out = normed(part.dense_norm.weight, traits.norm_epsilon, dense);
    add_to(out, normed(part.experts_norm.weight, traits.norm_epsilon, fed(part.experts, traits, in, row, at)));
    return out;
}

}  // namespace blocks

#endif
