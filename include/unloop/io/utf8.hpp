// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// UTF-8 one code point at a time, for text that may be broken, and its repair in a stream.
#ifndef UNLOOP_IO_UTF8_HPP
#define UNLOOP_IO_UTF8_HPP

#include <cstddef>      // size_t
#include <string>       // repaired text
#include <string_view>  // text to read

namespace unloop::inline v0 {

enum class utf8_status {
    complete,   ///< a code point
    truncated,  ///< the text ends within a sequence that is right so far
    invalid,    ///< no sequence of UTF-8 begins like this
};

/// What stands at one place of a text.
struct utf8_step {
    char32_t code_point = 0;  ///< U+FFFD unless complete
    std::size_t length = 0;   ///< bytes to step over: the code point, or the maximal subpart of a broken sequence
    utf8_status status = utf8_status::invalid;
};

/// Reads the code point that begins at byte `at` < text.size(). Well-formed sequences are those of table 3-7 of the
/// Unicode Standard, maximal subparts those of its section 3.9 (U+FFFD substitution); a broken sequence has length 1
/// to 3. O(1), reads at most 4 bytes.
[[nodiscard]] constexpr utf8_step decode_utf8(std::string_view text, std::size_t at) noexcept {
    const auto byte = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned lead = byte(at);
    if (lead < 0x80) return {lead, 1, utf8_status::complete};
    if (lead < 0xC2 || lead > 0xF4) return {0xFFFD, 1, utf8_status::invalid};
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // The second byte alone excludes overlong forms, surrogates and values above U+10FFFF.
    unsigned lowest = lead == 0xE0 ? 0xA0U : lead == 0xF0 ? 0x90U : 0x80U;
    unsigned highest = lead == 0xED ? 0x9FU : lead == 0xF4 ? 0x8FU : 0xBFU;
    char32_t code_point = lead & (0x7FU >> length);
    for (std::size_t index = 1; index < length; ++index) {
        if (at + index == text.size()) return {0xFFFD, index, utf8_status::truncated};
        const unsigned next = byte(at + index);
        if (next < lowest || next > highest) return {0xFFFD, index, utf8_status::invalid};
        code_point = (code_point << 6) | (next & 0x3FU);
        lowest = 0x80;
        highest = 0xBF;
    }
    return {code_point, length, utf8_status::complete};
}

/// Appends `code_point` (a Unicode scalar value) to `text`. At most 4 bytes.
constexpr void append_utf8(std::string& text, char32_t code_point) {
    const auto push = [&text](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (code_point < 0x80) return push(code_point);
    const int tail = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
    push(((0xFF00U >> (tail + 1)) & 0xFFU) | (code_point >> (6 * tail)));
    for (int index = tail - 1; index >= 0; --index) push(0x80U | ((code_point >> (6 * index)) & 0x3FU));
}

/// What stands for bytes that are no text: U+FFFD.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Whether all of `text` is well-formed. Linear.
[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const auto step = decode_utf8(text, at);
        if (step.status != utf8_status::complete) return false;
        at += step.length;
    }
    return true;
}

/// Turns bytes that come in parts of any length into text: whole code points pass, a maximal broken subpart becomes
/// one U+FFFD, and a sequence that may still be completed waits for the next bytes (3 bytes at most).
/// However the bytes are divided, the text is the same.
class utf8_repair {
  public:
    /// Appends to `text` what is certain after `bytes`. Linear in `bytes`.
    constexpr void push(std::string_view bytes, std::string& text) {
        waiting_ += bytes;
        std::size_t at = 0;
        while (at < waiting_.size()) {
            const auto step = decode_utf8(waiting_, at);
            if (step.status == utf8_status::truncated) break;
            if (step.status == utf8_status::complete)
                text.append(waiting_, at, step.length);
            else
                text += replacement_character;
            at += step.length;
        }
        waiting_.erase(0, at);
    }
    /// The bytes end here: what waits becomes one U+FFFD. Ready for a new text afterwards.
    constexpr void finish(std::string& text) {
        if (!waiting_.empty()) text += replacement_character;
        waiting_.clear();
    }

  private:
    std::string waiting_;
};

}  // namespace unloop::inline v0

#endif
