// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How much each MLP neuron writes: its mean size on given texts, times the length of its column of the down matrix.
#ifndef UNLOOP_EVALUATE_NEURON_STRENGTH_HPP
#define UNLOOP_EVALUATE_NEURON_STRENGTH_HPP

#include <unloop/attribute/baselines.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/generate/trace.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>  // max
#include <cmath>      // fabs, sqrt
#include <cstddef>    // size_t
#include <span>       // texts
#include <vector>     // [layer][neuron]

namespace unloop::inline v0 {

/// [layer][neuron], in units of the residual stream.
using neuron_strengths = std::vector<std::vector<float>>;

namespace detail {

/// Adds up |neuron| over all tokens that it sees.
struct neuron_sums {
    std::vector<std::vector<double>> sums;
    std::size_t tokens = 0;

    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) {
        std::vector<double>& of_layer = sums[static_cast<std::size_t>(place.layer)];
        of_layer.resize(values.columns());
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (std::size_t i = 0; i < values.columns(); ++i)
                of_layer[i] += std::fabs(static_cast<double>(values[t][i]));
        if (place.layer == 0) tokens += values.rows();
    }
};

}  // namespace detail

/// Prompt and answer of each record as one text.
[[nodiscard]] inline std::vector<std::vector<token_id>> token_texts(std::span<const record> rows) {
    std::vector<std::vector<token_id>> texts;
    for (const record& row : rows) {
        texts.push_back(row.prompt);
        texts.back().insert(texts.back().end(), row.tokens.begin(), row.tokens.end());
    }
    return texts;
}

/// mean over all tokens of `texts` of |neuron|, times the norm of the neuron's column of `down`. For a model whose
/// layers have `feed_forward.down`. Cost: one pass over the texts and one over the down matrices.
template <class Model>
[[nodiscard]] neuron_strengths neuron_strength(const Model& model, std::span<const std::vector<token_id>> texts,
                                               std::size_t threads = 1) {
    const std::size_t layers = model.config().layers.size();
    detail::neuron_sums seen{std::vector<std::vector<double>>(layers), 0};
    for (const std::vector<token_id>& text : texts) trace(model, text, {.threads = threads, .logits = false}, seen);
    neuron_strengths strengths(layers);
    for (std::size_t layer = 0; layer < layers; ++layer) {
        const std::vector<double> norms = column_norms(model.decoder().layer(layer).feed_forward.down);
        seen.sums[layer].resize(norms.size());
        for (std::size_t i = 0; i < norms.size(); ++i)
            strengths[layer].push_back(static_cast<float>(seen.sums[layer][i] * norms[i] /
                                                          static_cast<double>(std::max<std::size_t>(seen.tokens, 1))));
    }
    return strengths;
}

}  // namespace unloop::inline v0

#endif
