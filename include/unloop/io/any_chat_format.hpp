// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// One type for the chat formats of all families: which one it is, the file's template says.
#ifndef UNLOOP_IO_ANY_CHAT_FORMAT_HPP
#define UNLOOP_IO_ANY_CHAT_FORMAT_HPP

#include <unloop/io/chat_format.hpp>
#include <unloop/io/chat_template.hpp>
#include <unloop/io/gemma_chat.hpp>
#include <unloop/io/gemma_template.hpp>

#include <span>         // messages
#include <string>       // texts
#include <string_view>  // the template
#include <utility>      // move
#include <variant>      // one of several

namespace unloop::inline v0 {

/// One of `Formats`.
template <chat_format... Formats>
class chat_format_variant {
  public:
    template <chat_format Format>
    explicit chat_format_variant(Format format) : chosen_(std::move(format)) {}

    [[nodiscard]] std::string render(std::span<const chat_message> messages, const chat_options& options = {}) const {
        return std::visit([&](const auto& format) { return format.render(messages, options); }, chosen_);
    }
    /// The format itself, to be looked into.
    [[nodiscard]] const std::variant<Formats...>& chosen() const noexcept { return chosen_; }

  private:
    std::variant<Formats...> chosen_;
};

/// The chat formats of the library.
using any_chat_format = chat_format_variant<chatml, gemma_turns, gemma_chat>;

/// The format that a Jinja template describes, as in GGUF's `tokenizer.chat_template` and in chat_template.jinja.
/// Throws `error` saying what is not known, see `read_chatml`, `read_gemma_turns` and `read_gemma_chat`.
[[nodiscard]] inline any_chat_format read_chat_template(std::string_view chat_template) {
    if (!is_gemma_template(chat_template)) return any_chat_format(read_chatml(chat_template));
    if (chat_template.find(channel_begin) == std::string_view::npos)
        return any_chat_format(read_gemma_turns(chat_template));
    return any_chat_format(read_gemma_chat(chat_template));
}

}  // namespace unloop::inline v0

#endif
