// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Recognises the chat templates of Gemma 4: the published ones by their markers, the plain loop over turns part by
// part.
#ifndef UNLOOP_IO_GEMMA_TEMPLATE_HPP
#define UNLOOP_IO_GEMMA_TEMPLATE_HPP

#include <unloop/io/chat_template.hpp>
#include <unloop/io/gemma_chat.hpp>

#include <string_view>  // the template

namespace unloop::inline v0 {

/// Whether a template writes Gemma's turns.
[[nodiscard]] constexpr bool is_gemma_template(std::string_view chat_template) noexcept {
    return chat_template.find("<|turn>") != std::string_view::npos &&
           chat_template.find("<turn|>") != std::string_view::npos;
}

/// A published template is a program of three hundred lines, of which there are several revisions: it is recognised by
/// its markers of turns, thoughts and tools, and rendered as the revision of August 2026. The larger models' is told by
/// the empty thought that it appends. Throws `error` naming a marker that is missing.
[[nodiscard]] inline gemma_chat read_gemma_chat(std::string_view chat_template) {
    for (const std::string_view marker :
         {"<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|think|>", "<|tool_call>"})
        if (chat_template.find(marker) == std::string_view::npos)
            detail::refuse_template("it has no " + std::string(marker));
    const auto has = [&](std::string_view text) { return chat_template.find(text) != std::string_view::npos; };
    return {has("<|channel>thought\\n<channel|>") || has("<|channel>thought\n<channel|>")};
}

/// The template of `gemma_turns`: one loop over all messages. Different spelling and white space do not matter. Throws
/// `error` naming the first part that differs.
[[nodiscard]] inline gemma_turns read_gemma_turns(std::string_view chat_template) {
    using kind = detail::template_part::kind;
    detail::template_matcher parts(chat_template);
    if (!parts.try_take(kind::literal, "<bos>")) parts.take(kind::variable, "bos_token");
    parts.take(kind::statement, "for message in messages");
    parts.take(kind::literal, "<|turn>");
    parts.take(kind::variable, "'model' if message['role'] == 'assistant' else message['role']");
    parts.take(kind::literal, "\n");
    parts.take(kind::variable, "message['content'] | trim");
    parts.take(kind::literal, "<turn|>\n");
    parts.take(kind::statement, "endfor");
    parts.take(kind::statement, "if add_generation_prompt");
    parts.take(kind::literal, "<|turn>model\n");
    parts.take(kind::statement, "endif");
    parts.end();
    return {};
}

}  // namespace unloop::inline v0

#endif
