// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random tokens said twice: whether a model can still copy, which an edit may break to make loops go away.
#ifndef UNLOOP_EVALUATE_COPYING_HPP
#define UNLOOP_EVALUATE_COPYING_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/random.hpp>
#include <unloop/evaluate/forced_text.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // uint64_t
#include <string>   // names
#include <utility>  // move
#include <vector>   // texts

namespace unloop::inline v0 {

struct copying_options {
    std::size_t texts = 8;
    std::size_t length = 48;  ///< random tokens before they are repeated, at least 2
    std::uint64_t seed = 0;
};

/// Texts for `score_predictions`: `length` tokens drawn evenly from the vocabulary, control tokens left out, and the
/// same tokens again. Predicted is the second half but its first token, before which nothing says that the tokens come
/// again. Tokens that the tokenizer puts before every text come first. Text n depends on (seed, n) alone.
/// (Elhage et al., "A mathematical framework for transformer circuits", 2021; Olsson et al., "In-context learning and
/// induction heads", 2022.)
template <class Model>
[[nodiscard]] std::vector<forced_text> repeated_random_tokens(const Model& model, const copying_options& options = {}) {
    expects(options.length >= 2, "repeated_random_tokens: at least two tokens, the second of which can be a copy");
    std::vector<token_id> front, ordinary;
    if (model.has_tokenizer()) front = model.tokenizer().encode("");
    for (std::size_t i = 0; i < model.config().vocabulary; ++i) {
        const auto id = static_cast<token_id>(i);
        const bool has_text =
            !model.has_tokenizer() || (i < model.tokenizer().size() && !model.tokenizer().is_special(id));
        if (has_text) ordinary.push_back(id);
    }
    if (ordinary.empty()) throw error("the vocabulary has control tokens only");
    std::vector<forced_text> texts;
    for (std::size_t n = 0; n < options.texts; ++n) {
        random_sequence random(options.seed, n);
        std::vector<token_id> once;
        while (once.size() < options.length) once.push_back(ordinary[random.below(ordinary.size())]);
        forced_text text{"random tokens " + std::to_string(n), front, front.size() + options.length + 1};
        text.tokens.insert(text.tokens.end(), once.begin(), once.end());
        text.tokens.insert(text.tokens.end(), once.begin(), once.end());
        texts.push_back(std::move(text));
    }
    return texts;
}

}  // namespace unloop::inline v0

#endif
