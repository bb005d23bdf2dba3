// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// At which token the loop of an answer begins, whatever the unit of the detector that found it.
#ifndef UNLOOP_EVALUATE_LOOP_ONSET_HPP
#define UNLOOP_EVALUATE_LOOP_ONSET_HPP

#include <unloop/core/expects.hpp>
#include <unloop/detect/list_items.hpp>
#include <unloop/evaluate/outcome.hpp>
#include <unloop/evaluate/survival.hpp>
#include <unloop/io/answer_decoder.hpp>
#include <unloop/io/any_tokenizer.hpp>

#include <cstddef>  // size_t
#include <span>     // answers
#include <vector>   // lifetimes

namespace unloop::inline v0 {

namespace detail {

/// Index of the token with whose arrival the answer's text grows beyond `byte` bytes.
template <class Model>
[[nodiscard]] std::size_t token_at_byte(const Model& model, const record& answer, std::size_t byte) {
    answer_decoder<any_tokenizer> decoder(model.tokenizer(), answer.prompt);
    std::size_t size = 0;
    for (std::size_t t = 0; t < answer.tokens.size(); ++t)
        if ((size += decoder.push(answer.tokens[t]).answer.size()) > byte) return t;
    return answer.tokens.size();
}

}  // namespace detail

/// Of a looping answer the tokens before the first of its loop (the first of a block that repeats, or of the first item
/// of those that collapse); else all its tokens. O(tokens + characters).
template <class Model>
[[nodiscard]] lifetime loop_lifetime(const Model& model, const record& answer) {
    const auto found = outcome_rule<>{}.loop_of(answer);
    if (!found) return {answer.tokens.size(), false};
    const auto start = static_cast<std::size_t>(found->where.start);
    if (found->what == outcome::exact_loop) return {start, true};
    const std::vector<list_item> items = list_items(answer.text, end_of(answer));
    expects(start < items.size(), "loop_lifetime: the loop begins in an item of the answer");
    return {detail::token_at_byte(model, answer, items[start].begin), true};
}

/// One for each answer: what `kaplan_meier` takes.
template <class Model>
[[nodiscard]] std::vector<lifetime> loop_lifetimes(const Model& model, std::span<const record> answers) {
    std::vector<lifetime> seen;
    for (const record& answer : answers) seen.push_back(loop_lifetime(model, answer));
    return seen;
}

}  // namespace unloop::inline v0

#endif
