// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How a conversation becomes the text that a model was trained on.
#ifndef UNLOOP_IO_CHAT_FORMAT_HPP
#define UNLOOP_IO_CHAT_FORMAT_HPP

#include <unloop/core/error.hpp>

#include <concepts>  // what a chat format can do
#include <optional>  // a system message of the template's own
#include <span>      // messages
#include <string>    // texts
#include <vector>    // tools

namespace unloop::inline v0 {

/// A function that the model asked for.
struct tool_call {
    std::string id;         ///< which the answer of the tool names; may be empty
    std::string name;       ///< of the function
    std::string arguments;  ///< as the chat format writes them
};

struct chat_message {
    std::string role;  ///< "system", "user", "assistant", ...
    std::string content;
    std::string reasoning = {};              ///< of an assistant: what it thought before `content`
    std::vector<tool_call> tool_calls = {};  ///< of an assistant
    std::string tool_call_id = {};           ///< of a tool: the call that `content` answers
    std::string name = {};                   ///< of a tool: the function, if no call has the id
};

/// What a rendering is for.
struct chat_options {
    bool add_generation_prompt = true;    ///< the text ends where the assistant's answer begins
    bool thinking = false;                ///< the model is asked to think before it answers
    std::vector<std::string> tools = {};  ///< declarations of functions, as the chat format writes them
};

/// Renders messages as text for `encode` (with `parse_special`). Throws `error` for options that it does not have.
template <class Type>
concept chat_format =
    requires(const Type& format, std::span<const chat_message> messages, const chat_options& options) {
        { format.render(messages, options) } -> std::same_as<std::string>;
    };

/// ChatML: <|im_start|>ROLE, a newline, CONTENT<|im_end|>, a newline. Nothing is escaped: control tokens in `content`
/// act as such, as in the templates of the files. Reasoning of earlier answers is left out.
struct chatml {
    /// Content of a system message that comes first when the conversation does not begin with one.
    std::optional<std::string> default_system;

    /// Throws `error` if thinking or tools are asked for.
    [[nodiscard]] std::string render(std::span<const chat_message> messages, const chat_options& options = {}) const {
        if (options.thinking) throw error("this chat format cannot ask a model to think");
        if (!options.tools.empty()) throw error("this chat format has no tools");
        std::string text;
        const auto turn = [&text](const std::string& role, const std::string& content) {
            text.append("<|im_start|>").append(role).append("\n").append(content).append("<|im_end|>\n");
        };
        if (default_system && !messages.empty() && messages.front().role != "system") turn("system", *default_system);
        for (const auto& message : messages) turn(message.role, message.content);
        if (options.add_generation_prompt) text.append("<|im_start|>assistant\n");
        return text;
    }
};

}  // namespace unloop::inline v0

#endif
