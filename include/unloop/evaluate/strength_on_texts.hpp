// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How much each target writes on given texts: what controls are matched by, and what faults are planted among.
#ifndef UNLOOP_EVALUATE_STRENGTH_ON_TEXTS_HPP
#define UNLOOP_EVALUATE_STRENGTH_ON_TEXTS_HPP

#include <unloop/attribute/target_strength.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/generate/trace.hpp>

#include <algorithm>    // max
#include <cstddef>      // size_t
#include <span>         // texts
#include <type_traits>  // remove_cvref
#include <vector>       // layers

namespace unloop::inline v0 {

namespace detail {

/// Adds up strengths over all tokens that it sees.
template <class Backend>
struct strength_tap {
    const Backend& backend;
    std::vector<target_strength> layers;
    target_scores sums;
    std::vector<float> weights = {};  ///< of the experts chosen last
    std::size_t tokens = 0;

    void operator()(sites::residual, const tap_place& place, matrix_view values) {
        if (place.layer == 0) tokens += values.rows();
    }
    void operator()(sites::attention_heads, const tap_place& place, matrix_view values) {
        of(place).add_heads(backend, values, 1.0, sums);
    }
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) {
        for (std::size_t t = 0; t < values.rows(); ++t) of(place).add_neurons(values[t], 1.0, sums);
    }
    void operator()(sites::expert_weights, const tap_place& /*place*/, matrix_view values) {
        weights.assign(values.data(), values.data() + values.rows() * values.columns());
    }
    void operator()(sites::expert_neurons, const tap_place& place, matrix_view values) {
        for (std::size_t choice = 0; choice < values.rows(); ++choice)
            of(place).add_expert(place.experts[choice], weights[choice], values[choice], 1.0, sums);
    }

  private:
    [[nodiscard]] const target_strength& of(const tap_place& place) const noexcept {
        return layers[static_cast<std::size_t>(place.layer)];
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

/// Mean over all tokens of `texts` of what `target_strength` says of each target. Cost: one pass over the texts and one
/// reading of the down matrices, and for the heads one product with the output projections more.
template <class Model>
[[nodiscard]] target_scores strength_on_texts(const Model& model, std::span<const std::vector<token_id>> texts,
                                              std::size_t threads = 1) {
    const parameter_table parameters(model.decoder());
    const auto& backend = model.decoder().backend();
    detail::strength_tap<std::remove_cvref_t<decltype(backend)>> seen{backend, {}, target_scores(model.config())};
    for (std::size_t l = 0; l < seen.sums.layers(); ++l)
        seen.layers.emplace_back(parameters, l, seen.sums.dimensions(l));
    for (const std::vector<token_id>& text : texts) trace(model, text, {.threads = threads, .logits = false}, seen);
    return seen.sums /= static_cast<double>(std::max<std::size_t>(seen.tokens, 1));
}

}  // namespace unloop::inline v0

#endif
