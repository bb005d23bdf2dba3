// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Conversations in JSON, as chat services take them, for Gemma's format: messages and calls of tools.
#ifndef UNLOOP_IO_GEMMA_CHAT_JSON_HPP
#define UNLOOP_IO_GEMMA_CHAT_JSON_HPP

#include <unloop/io/chat_format.hpp>
#include <unloop/io/field_json.hpp>
#include <unloop/io/gemma_chat.hpp>
#include <unloop/io/gemma_notation_json.hpp>

#include <string>       // texts
#include <string_view>  // keys
#include <utility>      // move
#include <vector>       // messages

namespace unloop::inline v0 {

namespace detail {

/// Text, or a list of texts, which are trimmed and put together.
inline std::string read_content(const json_field& message) {
    const auto content = message.find_value("content");
    if (!content) return {};
    if (!content->value().is_array()) return std::string(content->string());
    const std::string_view role = message.at("role").string();
    if (role != "user" && role != "assistant")
        content->fail("must be a string for the role '" + std::string(role) + "'");
    std::string text;
    for (const json_field& part : content->list()) {
        if (part.at("type").string() != "text") part.fail("only parts of type text are supported");
        text += trim_spaces(part.at("text").string());
    }
    return text;
}

/// What stands between the braces of a call: members of an object; a string is taken as it is.
inline std::string gemma_arguments(const json_field& arguments) {
    const bool written = arguments.value().is_string();
    const std::string text = written ? std::string(trim_spaces(arguments.string())) : gemma_value(arguments, false);
    const bool braces = text.size() >= 2 && text.front() == '{' && text.back() == '}';
    if (!written && !braces) arguments.fail("must be an object or a string");
    return braces ? text.substr(1, text.size() - 2) : std::string(arguments.string());
}

}  // namespace detail

/// A list of {"role", "content", "reasoning" or "reasoning_content", "tool_calls", "tool_call_id", "name"}, with calls
/// in Gemma's notation. Throws `error` naming the place of what is wrong or not known.
[[nodiscard]] inline std::vector<chat_message> read_gemma_messages(const json_field& list) {
    const auto text = [](const json_field& from, std::string_view key) {
        const auto found = from.find_value(key);
        return found ? std::string(found->string()) : std::string();
    };
    std::vector<chat_message> messages;
    for (const json_field& entry : list.list()) {
        entry.allow({"role", "content", "reasoning", "reasoning_content", "tool_calls", "tool_call_id", "name"});
        chat_message message{entry.at("role").text(), detail::read_content(entry)};
        message.reasoning = text(entry, "reasoning");
        if (message.reasoning.empty()) message.reasoning = text(entry, "reasoning_content");
        message.tool_call_id = text(entry, "tool_call_id");
        message.name = text(entry, "name");
        if (const auto calls = entry.find_value("tool_calls"))
            for (const json_field& call : calls->list()) {
                const json_field function = call.at("function");
                const auto arguments = function.find_value("arguments");
                message.tool_calls.push_back({text(call, "id"), function.at("name").text(),
                                              arguments ? detail::gemma_arguments(*arguments) : std::string()});
            }
        messages.push_back(std::move(message));
    }
    return messages;
}

}  // namespace unloop::inline v0

#endif
