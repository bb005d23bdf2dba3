// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Two habits of attention heads: resting on the first token, and looking for what came after an earlier copy.
#ifndef UNLOOP_EVALUATE_HEAD_PATTERNS_HPP
#define UNLOOP_EVALUATE_HEAD_PATTERNS_HPP

#include <unloop/attribute/attention_probabilities.hpp>
#include <unloop/evaluate/copying.hpp>

#include <cstddef>  // size_t
#include <vector>   // layers

namespace unloop::inline v0 {

/// Mean attention probabilities of one head, 0 to 1.
struct head_pattern {
    double to_first = 0;   ///< from all later positions to the first token: a head that rests there does little
    double induction = 0;  ///< from a token's second occurrence to the token after its first one
    friend bool operator==(const head_pattern&, const head_pattern&) = default;
};

/// Of one text whose tokens [begin, begin + length) stand there once more behind themselves.
[[nodiscard]] inline head_pattern pattern_of(const recorded_attention& seen, const layer_traits& layer,
                                             std::size_t head, std::size_t begin, std::size_t length) {
    head_pattern pattern;
    for (std::size_t t = 1; t < seen.tokens; ++t) {
        const std::vector<double> probabilities = attention_probabilities(seen, layer, head, t);
        pattern.to_first += probabilities.front() / static_cast<double>(seen.tokens - 1);
        if (t >= begin + length) pattern.induction += probabilities[t - length + 1] / static_cast<double>(length);
    }
    return pattern;
}

/// Of every head, by layer, averaged over random tokens said twice (see `repeated_random_tokens`; Olsson et al.,
/// "In-context learning and induction heads", 2022). A layer with a window cannot see further than that. Cost: a pass
/// over each text, and O(heads * length^2 * head size) a layer.
template <class Model>
[[nodiscard]] std::vector<std::vector<head_pattern>> head_patterns(const Model& model,
                                                                   const copying_options& options = {.texts = 4},
                                                                   std::size_t threads = 1) {
    std::vector<std::vector<head_pattern>> patterns;
    for (const layer_traits& layer : model.config().layers) patterns.emplace_back(layer.heads);
    for (const forced_text& text : repeated_random_tokens(model, options)) {
        const recorded_attention seen = record_attention(model, text.tokens, threads);
        const std::size_t begin = text.tokens.size() - 2 * options.length;
        for (const layer_traits& layer : model.config().layers)
            for (std::size_t head = 0; head < layer.heads; ++head) {
                const head_pattern one = pattern_of(seen, layer, head, begin, options.length);
                head_pattern& mean = patterns[layer.layer][head];
                mean.to_first += one.to_first / static_cast<double>(options.texts);
                mean.induction += one.induction / static_cast<double>(options.texts);
            }
    }
    return patterns;
}

}  // namespace unloop::inline v0

#endif
