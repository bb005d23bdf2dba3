// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Where heads look: attention probabilities, computed once more from the queries and keys of a recorded pass.
#ifndef UNLOOP_ATTRIBUTE_ATTENTION_PROBABILITIES_HPP
#define UNLOOP_ATTRIBUTE_ATTENTION_PROBABILITIES_HPP

#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/generate/trace.hpp>

#include <algorithm>  // max
#include <cmath>      // exp
#include <cstddef>    // size_t
#include <span>       // heads
#include <vector>     // layers

namespace unloop::inline v0 {

/// Queries and keys of one text as they are compared: normed and turned. Layers that read the keys of a layer below
/// have none of their own.
struct recorded_attention {
    std::size_t tokens = 0;
    std::vector<std::vector<float>> queries;  ///< by layer: [tokens, heads * head size]
    std::vector<std::vector<float>> keys;     ///< by layer: [tokens, key/value heads * head size]
};

namespace detail {

struct attention_recorder {
    recorded_attention& seen;

    void operator()(sites::attention_keys, const tap_place& place, matrix_view values) const {
        keep(seen.keys[static_cast<std::size_t>(place.layer)], values);
    }
    void operator()(sites::attention_queries, const tap_place& place, matrix_view values) const {
        keep(seen.queries[static_cast<std::size_t>(place.layer)], values);
    }

  private:
    static void keep(std::vector<float>& to, const_matrix_view values) {
        for (std::size_t t = 0; t < values.rows(); ++t) to.insert(to.end(), values[t].begin(), values[t].end());
    }
};

}  // namespace detail

/// One pass over `ids`. Memory: 4 * tokens * (query width + key/value width) bytes a layer.
template <class Model>
[[nodiscard]] recorded_attention record_attention(const Model& model, std::span<const token_id> ids,
                                                  std::size_t threads = 1) {
    const std::size_t layers = model.config().layers.size();
    recorded_attention seen{ids.size(), std::vector<std::vector<float>>(layers),
                            std::vector<std::vector<float>>(layers)};
    detail::attention_recorder recorder{seen};
    trace(model, ids, {.threads = threads, .logits = false}, recorder);
    return seen;
}

/// Probabilities with which position `t` of a query head takes the positions 0 .. t, [t + 1]: softmax of scale * q.k
/// over those that `Mask` shows it, 0 for the others. In double precision. `Mask` is that of the layers; what the
/// library's families have is `causal`. O(t * head size).
template <class Mask = causal>
[[nodiscard]] std::vector<double> attention_probabilities(const recorded_attention& seen, const layer_traits& layer,
                                                          std::size_t head, std::size_t t) {
    expects(head < layer.heads && t < seen.tokens, "attention_probabilities: a head of the layer, a token of the text");
    const std::size_t size = layer.head_size, shared = head / (layer.heads / layer.key_value_heads);
    const auto query = std::span(seen.queries[layer.layer]).subspan(t * layer.query_width() + head * size, size);
    const std::vector<float>& keys = seen.keys[layer.key_value_layer];
    std::vector<double> probabilities(t + 1);
    const std::size_t first = Mask::first_visible(layer, t);
    double largest = -INFINITY, sum = 0;
    for (std::size_t at = first; at <= t; ++at) {
        const auto key = std::span(keys).subspan(at * layer.key_value_width() + shared * size, size);
        double product = 0;
        for (std::size_t c = 0; c < size; ++c) product += static_cast<double>(query[c]) * static_cast<double>(key[c]);
        probabilities[at] = product * static_cast<double>(layer.attention_scale);
        largest = std::max(largest, probabilities[at]);
    }
    for (std::size_t at = first; at <= t; ++at) sum += probabilities[at] = std::exp(probabilities[at] - largest);
    for (double& probability : probabilities) probability /= sum;
    return probabilities;
}

}  // namespace unloop::inline v0

#endif
