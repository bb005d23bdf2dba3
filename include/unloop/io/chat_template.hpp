// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Recognises the chat template of a file. Templates are Jinja programs; this reads their shape and runs nothing.
#ifndef UNLOOP_IO_CHAT_TEMPLATE_HPP
#define UNLOOP_IO_CHAT_TEMPLATE_HPP

#include <unloop/core/error.hpp>
#include <unloop/io/chat_format.hpp>

#include <cstddef>      // size_t
#include <string>       // parts
#include <string_view>  // the template
#include <vector>       // parts

namespace unloop::inline v0 {

namespace detail {

/// A template as a flat sequence: statements, and output as literals (joined where they meet) and variables.
struct template_part {
    enum class kind { statement, literal, variable };
    kind what;
    std::string text;
    friend bool operator==(const template_part&, const template_part&) = default;
};

[[noreturn]] inline void refuse_template(const std::string& reason) {
    throw error("chat template is none that is known (ChatML, Gemma 4): " + reason);
}

constexpr std::string_view trim_front(std::string_view text, std::string_view set = " \t\r\n") {
    const auto begin = text.find_first_not_of(set);
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

constexpr std::string_view trim_back(std::string_view text, std::string_view set = " \t\r\n") {
    return text.substr(0, text.find_last_not_of(set) + 1);
}

/// One spelling for code that means the same: single quotes, single spaces, ['key'] for .key of a message.
inline std::string canonical_code(std::string_view code) {
    std::string text;
    for (const char character : trim_front(trim_back(code))) {
        const bool space = character == ' ' || character == '\t' || character == '\r' || character == '\n';
        if (!space)
            text.push_back(character == '"' ? '\'' : character);
        else if (text.back() != ' ')
            text.push_back(' ');
    }
    for (const std::string key : {"role", "content"})
        for (auto dot = text.find('.' + key); dot != std::string::npos; dot = text.find('.' + key))
            text.replace(dot, key.size() + 1, "['" + key + "']");
    return text;
}

/// Splits a template into parts, with the white space rules that transformers and llama.cpp use (trim_blocks and
/// lstrip_blocks, "-" in a tag, and one newline at the end of the file dropped).
class template_reader {
  public:
    static std::vector<template_part> read(std::string_view text) {
        template_reader reader;
        if (text.ends_with('\n')) text.remove_suffix(1);
        while (!text.empty()) text = reader.step(text);
        return reader.parts_;
    }

  private:
    using kind = template_part::kind;

    /// Reads text up to a tag, and the tag; returns what follows.
    std::string_view step(std::string_view text) {
        std::size_t open = text.find('{');
        while (open != std::string_view::npos && (open + 1 == text.size() || !is_tag(text[open + 1])))
            open = text.find('{', open + 1);
        if (open == std::string_view::npos) {
            literal(text);
            return {};
        }
        const char type = text[open + 1];
        const std::string close = {type == '{' ? '}' : type, '}'};
        const auto end = find_close(text, open + 2, close);
        auto before = text.substr(0, open);
        auto code = text.substr(open + 2, end - open - 2);
        auto after = text.substr(end + 2);
        const bool block = type != '{';
        if (code.starts_with('-')) {
            before = trim_back(before);
            code.remove_prefix(1);
        } else if (block) {
            const auto margin = trim_back(before, " \t");
            if (margin.empty() ? at_line_start_ : margin.back() == '\n') before = margin;
        }
        if (code.ends_with('-')) {
            after = trim_front(after);
            code.remove_suffix(1);
        } else if (block && after.starts_with('\n')) {
            after.remove_prefix(1);
        }
        at_line_start_ = text[text.size() - after.size() - 1] == '\n';
        literal(before);
        if (type == '%') parts_.push_back({kind::statement, canonical_code(code)});
        if (type == '{') output(code);
        return after;
    }

    static bool is_tag(char character) { return character == '{' || character == '%' || character == '#'; }

    /// Where `close` stands outside quotes (comments have none).
    static std::size_t find_close(std::string_view text, std::size_t at, std::string_view close) {
        char quote = 0;
        for (; at < text.size(); ++at) {
            if (quote != 0 && text[at] == '\\')
                ++at;
            else if (quote != 0)
                quote = text[at] == quote ? char{0} : quote;
            else if (text.substr(at).starts_with(close))
                return at;
            else if (close != "#}" && (text[at] == '\'' || text[at] == '"'))
                quote = text[at];
        }
        refuse_template("a tag without '" + std::string(close) + "'");
    }

    /// An expression: strings and variables with + between; any other is one variable.
    void output(std::string_view code) {
        code = trim_front(trim_back(code));
        if (code.find(" if ") != std::string_view::npos) {
            parts_.push_back({kind::variable, canonical_code(code)});
            return;
        }
        while (!code.empty()) {
            if (code[0] == '\'' || code[0] == '"') {
                code = string(code);
            } else {
                const auto end = code.find('+');
                parts_.push_back({kind::variable, canonical_code(code.substr(0, end))});
                code.remove_prefix(end == std::string_view::npos ? code.size() : end);
            }
            code = trim_front(code);
            if (code.empty()) break;
            if (code[0] != '+' || trim_front(code.substr(1)).empty())
                refuse_template("the expression '" + std::string(code) + "'");
            code = trim_front(code.substr(1));
        }
    }

    /// A quoted string at the front of `code`; returns what follows it.
    std::string_view string(std::string_view code) {
        std::string text;
        for (std::size_t at = 1; at < code.size(); ++at) {
            if (code[at] == code[0]) {
                literal(text);
                return code.substr(at + 1);
            }
            text.push_back(code[at] == '\\' && at + 1 < code.size() ? unescape(code[++at]) : code[at]);
        }
        refuse_template("a string without end");
    }

    static char unescape(char escaped) {
        if (escaped == 'n') return '\n';
        if (escaped == 't') return '\t';
        if (escaped == '\\' || escaped == '\'' || escaped == '"') return escaped;
        refuse_template(std::string("the escape '\\") + escaped + "'");
    }

    void literal(std::string_view text) {
        if (text.empty()) return;
        if (parts_.empty() || parts_.back().what != kind::literal) parts_.push_back({kind::literal, {}});
        parts_.back().text += text;
    }

    std::vector<template_part> parts_;
    bool at_line_start_ = true;
};

/// Reads expected parts one after another.
class template_matcher {
  public:
    using kind = template_part::kind;

    explicit template_matcher(std::string_view text) : parts_(template_reader::read(text)) {}

    /// Steps over a part if it is there.
    bool try_take(kind what, std::string_view text) {
        const bool there = at_ < parts_.size() && parts_[at_] == template_part{what, std::string(text)};
        at_ += there ? 1 : 0;
        return there;
    }
    void take(kind what, std::string_view text) {
        if (!try_take(what, text))
            refuse_template("'" + here() + "' stands where '" + std::string(text) + "' was expected");
    }
    /// What a literal has between `head` and `tail`.
    std::string take_between(std::string_view head, std::string_view tail) {
        const std::string text = here();
        if (!text.starts_with(head) || !text.ends_with(tail) || text.size() < head.size() + tail.size())
            refuse_template("the default system message '" + text + "'");
        take(kind::literal, text);
        return text.substr(head.size(), text.size() - head.size() - tail.size());
    }
    void end() {
        if (at_ < parts_.size()) refuse_template("'" + here() + "' stands after its end");
    }

  private:
    [[nodiscard]] std::string here() const { return at_ < parts_.size() ? parts_[at_].text : "end of template"; }

    std::vector<template_part> parts_;
    std::size_t at_ = 0;
};

}  // namespace detail

/// The format that a ChatML template describes, with the default system message that it inserts, if it has one.
/// `chat_template` is Jinja, as in GGUF's `tokenizer.chat_template` and in tokenizer_config.json. Known is the loop
/// over all messages, with or without the default system message, and the generation prompt; different spelling and
/// white space do not matter. Throws `error` naming the first part that differs.
[[nodiscard]] inline chatml read_chatml(std::string_view chat_template) {
    using kind = detail::template_part::kind;
    detail::template_matcher parts(chat_template);
    chatml format;
    parts.take(kind::statement, "for message in messages");
    if (parts.try_take(kind::statement, "if loop.first and messages[0]['role'] != 'system'")) {
        format.default_system = parts.take_between("<|im_start|>system\n", "<|im_end|>\n");
        parts.take(kind::statement, "endif");
    }
    parts.take(kind::literal, "<|im_start|>");
    parts.take(kind::variable, "message['role']");
    parts.take(kind::literal, "\n");
    parts.take(kind::variable, "message['content']");
    parts.take(kind::literal, "<|im_end|>\n");
    parts.take(kind::statement, "endfor");
    parts.take(kind::statement, "if add_generation_prompt");
    parts.take(kind::literal, "<|im_start|>assistant\n");
    parts.take(kind::statement, "endif");
    parts.end();
    return format;
}

}  // namespace unloop::inline v0

#endif
