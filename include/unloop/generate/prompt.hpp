// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Prompts: token ids as they are, plain text, or a message in the model's chat format.
#ifndef UNLOOP_GENERATE_PROMPT_HPP
#define UNLOOP_GENERATE_PROMPT_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/io/chat_format.hpp>

#include <string>   // text
#include <utility>  // move
#include <variant>  // one of three kinds
#include <vector>   // ids

namespace unloop::inline v0 {

/// Token ids, used as they are.
struct ids_prompt {
    std::vector<token_id> ids;
};
/// Text to be continued.
struct text_prompt {
    std::string text;
};
/// One user message, or a whole conversation; the model answers.
struct chat {
    std::vector<chat_message> messages;
    chat_options options = {};  ///< thinking, tools
    chat(std::string message) : messages{{"user", std::move(message)}} {}
    chat(const char* message) : chat(std::string(message)) {}
    explicit chat(std::vector<chat_message> conversation, chat_options how = {})
        : messages(std::move(conversation)), options(std::move(how)) {}
};

using any_prompt = std::variant<ids_prompt, text_prompt, chat>;

namespace detail {

/// A template that writes bos itself gets no second one.
template <class Model>
std::vector<token_id> encode_chat(const Model& model, const chat& talk) {
    const auto& tokenizer = model.tokenizer();
    const std::string text = model.render_chat(talk.messages, talk.options);
    const bool has_bos = tokenizer.bos() && text.starts_with(tokenizer.words().text(*tokenizer.bos()));
    return tokenizer.encode(text, {.add_special = !has_bos});
}

}  // namespace detail

/// The tokens of a prompt for `model` (a `language_model`). Throws `error` when the prompt is empty, holds an id
/// outside the vocabulary, or needs a tokenizer or chat template that the file lacks.
template <class Model>
[[nodiscard]] std::vector<token_id> encode_prompt(const Model& model, const any_prompt& what) {
    std::vector<token_id> ids;
    if (const auto* given = std::get_if<ids_prompt>(&what)) ids = given->ids;
    if (const auto* text = std::get_if<text_prompt>(&what)) ids = model.tokenizer().encode(text->text);
    if (const auto* talk = std::get_if<chat>(&what)) ids = detail::encode_chat(model, *talk);
    if (ids.empty()) throw error("the prompt is empty; give at least one token");
    for (token_id id : ids)
        if (id < 0 || static_cast<std::size_t>(id) >= model.config().vocabulary)
            throw error("token " + std::to_string(id) + " is outside the vocabulary of " +
                        std::to_string(model.config().vocabulary));
    return ids;
}

}  // namespace unloop::inline v0

#endif
