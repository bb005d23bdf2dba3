// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How a conversation becomes the text that a model was trained on.
#ifndef UNLOOP_IO_CHAT_FORMAT_HPP
#define UNLOOP_IO_CHAT_FORMAT_HPP

#include <concepts>  // what a chat format can do
#include <optional>  // a system message of the template's own
#include <span>      // messages
#include <string>    // texts

namespace unloop::inline v0 {

struct chat_message {
    std::string role;  ///< "system", "user", "assistant", ...
    std::string content;
};

/// Renders messages as text for `encode` (with `parse_special`). With `add_generation_prompt` the text ends where the
/// assistant's answer begins.
template <class Type>
concept chat_format = requires(const Type& format, std::span<const chat_message> messages, bool add_generation_prompt) {
    { format.render(messages, add_generation_prompt) } -> std::same_as<std::string>;
};

/// ChatML: <|im_start|>ROLE, a newline, CONTENT<|im_end|>, a newline. Nothing is escaped: control tokens in `content`
/// act as such, as in the templates of the files.
struct chatml {
    /// Content of a system message that comes first when the conversation does not begin with one.
    std::optional<std::string> default_system;

    [[nodiscard]] std::string render(std::span<const chat_message> messages, bool add_generation_prompt) const {
        std::string text;
        const auto turn = [&text](const std::string& role, const std::string& content) {
            text.append("<|im_start|>").append(role).append("\n").append(content).append("<|im_end|>\n");
        };
        if (default_system && !messages.empty() && messages.front().role != "system") turn("system", *default_system);
        for (const auto& message : messages) turn(message.role, message.content);
        if (add_generation_prompt) text.append("<|im_start|>assistant\n");
        return text;
    }
};

}  // namespace unloop::inline v0

#endif
