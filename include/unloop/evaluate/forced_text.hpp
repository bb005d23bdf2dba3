// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Texts as tokens that a model is made to read, and the part of them that it is asked to predict.
#ifndef UNLOOP_EVALUATE_FORCED_TEXT_HPP
#define UNLOOP_EVALUATE_FORCED_TEXT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/evaluate/reference_text.hpp>
#include <unloop/generate/prompt.hpp>
#include <unloop/generate/record.hpp>

#include <cstddef>  // size_t
#include <string>   // names
#include <utility>  // move
#include <vector>   // tokens

namespace unloop::inline v0 {

/// Tokens [answer, tokens.size()) are predicted from those before them; 0 < answer < tokens.size().
struct forced_text {
    std::string name;
    std::vector<token_id> tokens;
    std::size_t answer = 1;
};

/// A text for `model`. After a prompt, the answer and the end token that follows it are predicted: when to stop is part
/// of an answer. A passage without a prompt is predicted from its second token on. Throws `error` when there is nothing
/// to predict, or the tokenizer or the chat template is missing.
template <class Model>
[[nodiscard]] forced_text force(const Model& model, const reference_text& text) {
    const auto& tokenizer = model.tokenizer();
    forced_text forced{text.name, {}, 1};
    if (text.prompt.empty()) {
        forced.tokens = tokenizer.encode(text.text);
    } else {
        forced.tokens = encode_prompt(model, chat{text.prompt});
        forced.answer = forced.tokens.size();
        const auto answer = tokenizer.encode(text.text, {.parse_special = false, .add_special = false});
        forced.tokens.insert(forced.tokens.end(), answer.begin(), answer.end());
        if (tokenizer.turn_end()) forced.tokens.push_back(*tokenizer.turn_end());
    }
    if (forced.tokens.size() <= forced.answer)
        throw error("the text '" + text.name + "' is too short: it leaves nothing to predict");
    return forced;
}

template <class Model>
[[nodiscard]] std::vector<forced_text> force(const Model& model, const text_suite& suite) {
    std::vector<forced_text> forced;
    for (const reference_text& text : suite.texts) forced.push_back(force(model, text));
    return forced;
}

/// A recorded answer: what the model itself said. The record holds a prompt and at least one generated token.
[[nodiscard]] inline forced_text force(const record& answer, std::string name = {}) {
    expects(!answer.prompt.empty() && !answer.tokens.empty(), "force: the record has a prompt and an answer");
    forced_text forced{std::move(name), answer.prompt, answer.prompt.size()};
    forced.tokens.insert(forced.tokens.end(), answer.tokens.begin(), answer.tokens.end());
    return forced;
}

}  // namespace unloop::inline v0

#endif
