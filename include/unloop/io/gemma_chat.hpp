// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The chat format of Gemma 4, thinking on and off, with tools; and the plain form of its turns.
#ifndef UNLOOP_IO_GEMMA_CHAT_HPP
#define UNLOOP_IO_GEMMA_CHAT_HPP

#include <unloop/core/error.hpp>
#include <unloop/io/channels.hpp>
#include <unloop/io/chat_format.hpp>
#include <unloop/io/pre_tokenizer.hpp>

#include <cstddef>      // size_t
#include <span>         // messages
#include <string>       // texts
#include <string_view>  // parts of texts

namespace unloop::inline v0 {

/// `text` without the white space at its ends: that of Python's str.strip, which templates call.
[[nodiscard]] constexpr std::string_view trim_spaces(std::string_view text) noexcept {
    const auto is_space = [&](std::size_t at) {
        const bool separator = text[at] >= 0x1C && text[at] <= 0x1F;
        return separator || classify(text, at).value == character_class::space;
    };
    while (!text.empty() && is_space(0)) text.remove_prefix(classify(text, 0).length);
    for (std::size_t at = text.size(); at > 0;) {
        --at;
        const bool continues = (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
        if (continues && at > 0) continue;
        // Bytes that continue nothing belong to no white space before them.
        if (!is_space(at) || at + classify(text, at).length != text.size()) break;
        text.remove_suffix(text.size() - at);
    }
    return text;
}

/// Turns alone: <bos>, then <|turn>ROLE, a newline, CONTENT<turn|>, a newline; "assistant" is called "model".
/// Content is trimmed, not escaped.
struct gemma_turns {
    /// Throws `error` if thinking or tools are asked for.
    [[nodiscard]] std::string render(std::span<const chat_message> messages, const chat_options& options = {}) const {
        if (options.thinking) throw error("this chat format cannot ask a model to think");
        if (!options.tools.empty()) throw error("this chat format has no tools");
        std::string text = "<bos>";
        for (const auto& message : messages)
            text.append("<|turn>")
                .append(message.role == "assistant" ? "model" : message.role)
                .append("\n")
                .append(trim_spaces(message.content))
                .append("<turn|>\n");
        if (options.add_generation_prompt) text.append("<|turn>model\n");
        return text;
    }
};

/// Gemma 4's format. A system turn comes first if there is a system message, thinking is on or there are tools;
/// thoughts of earlier answers are left out, those after the last user message are kept; assistant messages in a row
/// are one turn, and so are a call of tools, their answers and what follows. Content is trimmed, not escaped. Source:
/// the chat templates of Gemma 4 of August 2026; other revisions differ in the details of thoughts and tools.
struct gemma_chat {
    /// With thinking off, the answer begins after an empty thought: so do 12B, 26B and 31B, not E2B and E4B.
    bool empty_thought = false;

    [[nodiscard]] std::string render(std::span<const chat_message> messages, const chat_options& options = {}) const {
        std::string text = "<bos>";
        const bool system = !messages.empty() && is_system(messages.front());
        if (system || options.thinking || !options.tools.empty()) {
            text += "<|turn>system\n";
            if (options.thinking) text += "<|think|>\n";
            if (system) text += trim_spaces(messages.front().content);
            for (const auto& tool : options.tools) text.append("<|tool>").append(tool).append("<tool|>");
            text += "<turn|>\n";
        }
        if (system) messages = messages.subspan(1);
        ending last = ending::text;
        for (std::size_t index = 0; index < messages.size(); ++index)
            if (messages[index].role != "tool") last = append(messages, index, text);
        if (!options.add_generation_prompt || last == ending::call) return text;
        if (last == ending::response) return text + (options.thinking ? "<|channel>thought\n" : "");
        return text + "<|turn>model\n" + (empty_thought && !options.thinking ? "<|channel>thought\n<channel|>" : "");
    }

  private:
    enum class ending { text, call, response };

    static bool is_system(const chat_message& message) {
        return message.role == "system" || message.role == "developer";
    }

    /// Role of the nearest message before (step -1, which wraps) or after (1) `index` that is not a tool's; empty:
    /// none.
    static std::string_view neighbour(std::span<const chat_message> messages, std::size_t index, std::size_t step) {
        for (index += step; index < messages.size(); index += step)
            if (messages[index].role != "tool") return messages[index].role;
        return {};
    }
    static bool after_last_user(std::span<const chat_message> messages, std::size_t index) {
        for (; index < messages.size(); ++index)
            if (messages[index].role == "user") return false;
        return true;
    }

    /// Appends one message, and the answers of tools that follow it.
    static ending append(std::span<const chat_message> messages, std::size_t index, std::string& text) {
        const chat_message& message = messages[index];
        const bool model = message.role == "assistant" || message.role == "model";
        if (!model || neighbour(messages, index, std::size_t(-1)) != "assistant")
            text.append("<|turn>").append(model ? "model" : message.role).append("\n");
        if (!message.reasoning.empty() && after_last_user(messages, index))
            text.append("<|channel>thought\n").append(message.reasoning).append("\n<channel|>");
        for (const auto& call : message.tool_calls)
            text.append("<|tool_call>call:")
                .append(call.name)
                .append("{")
                .append(call.arguments)
                .append("}<tool_call|>");
        const bool called = !message.tool_calls.empty();
        const bool answered = called && append_responses(messages, index, text);
        const std::string content =
            model ? split_channels(message.content).answer : std::string(trim_spaces(message.content));
        text += trim_spaces(content);
        const auto next = neighbour(messages, index, 1);
        if (called && !answered)
            text += "<|tool_response>";
        else if (!(model && next == "assistant") && !(answered && trim_spaces(content).empty() && next.empty()))
            text += "<turn|>\n";
        return !called ? ending::text : answered ? ending::response : ending::call;
    }

    static bool append_responses(std::span<const chat_message> messages, std::size_t index, std::string& text) {
        const auto& calls = messages[index].tool_calls;
        const std::size_t first = index + 1;
        for (index = first; index < messages.size() && messages[index].role == "tool"; ++index) {
            const chat_message& answer = messages[index];
            std::string name = answer.name.empty() ? "unknown" : answer.name;
            for (const auto& call : calls)
                if (call.id == answer.tool_call_id) name = call.name;
            text.append("<|tool_response>response:").append(name).append("{value:<|\"|>");
            text.append(answer.content).append("<|\"|>}<tool_response|>");
        }
        return index > first;
    }
};

}  // namespace unloop::inline v0

#endif
