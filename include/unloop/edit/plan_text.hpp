// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edits as short text, "LAYER.NEURON=FACTOR": what a command line takes and what is printed.
#ifndef UNLOOP_EDIT_PLAN_TEXT_HPP
#define UNLOOP_EDIT_PLAN_TEXT_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/plan.hpp>

#include <charconv>      // to_chars
#include <cmath>         // isfinite
#include <iosfwd>        // ostream
#include <string>        // texts
#include <string_view>   // parts
#include <system_error>  // errc

namespace unloop::inline v0 {

namespace detail {

/// The shortest digits that read back as the same value.
template <class Number>
[[nodiscard]] std::string shortest(Number value) {
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return {digits, end};
}

/// Whether the whole text is one number, which then is in `value`.
template <class Number>
[[nodiscard]] bool is_number(std::string_view text, Number& value) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc() && end == text.data() + text.size();
}

/// Whether the whole text is an id, its numbers between points and none of them negative.
template <target_type Id>
[[nodiscard]] bool is_target(std::string_view text, Id& id) {
    for (const target_field<Id>& field : target_kind<Id>::fields) {
        const bool is_last = field.number == target_kind<Id>::fields.back().number;
        const std::size_t end = is_last ? text.size() : text.find('.');
        if (end == std::string_view::npos || !is_number(text.substr(0, end), id.*field.number) || id.*field.number < 0)
            return false;
        text.remove_prefix(is_last ? end : end + 1);
    }
    return true;
}

}  // namespace detail

/// "10.1234=-1" for a neuron; other kinds say what they are: "expert 10.7=0", "expert neuron 10.7.123=0",
/// "head 10.3=0", and "mask expert 10.7".
[[nodiscard]] inline std::string to_string(const target_edit& edit) {
    if (edit.kind == edit_kind::mask) return "mask " + to_string(edit.target);
    if (edit.kind == edit_kind::copy) return to_string(edit.target) + " from neuron " + std::to_string(edit.from);
    const bool is_neuron = std::holds_alternative<neuron_id>(edit.target);
    return (is_neuron ? dotted(edit.target) : to_string(edit.target)) + "=" + detail::shortest(edit.factor);
}

/// One edit a line, after the lines of the note.
[[nodiscard]] inline std::string to_string(const plan& edits) {
    std::string text = edits.note.empty() ? "" : "# " + edits.note + "\n";
    for (std::size_t i = 2; i + 1 < text.size(); ++i)
        if (text[i] == '\n') text.insert(i + 1, "# ");
    for (const target_edit& edit : edits.edits) text += to_string(edit) + "\n";
    return text;
}

namespace detail {

/// " 29.545=0 29.12=0.5": what edits are called in a memory.
template <class Edits>
[[nodiscard]] std::string key_of(const Edits& edits) {
    std::string key;
    for (const auto& one : edits) key += " " + to_string(one);
    return key;
}

}  // namespace detail

/// Reads "LAYER.NEURON", "LAYER.EXPERT" or "LAYER.EXPERT.NEURON". Throws `error` naming the text unless these are
/// integers that are not negative.
template <target_type Id>
[[nodiscard]] Id parse_target(std::string_view text) {
    Id id;
    if (!detail::is_target(text, id))
        throw error("'" + std::string(text) + "' is no " + std::string(target_kind<Id>::name) + "; write " +
                    std::string(target_kind<Id>::form) + ", for example " + std::string(target_kind<Id>::example));
    return id;
}

/// Reads "LAYER.NEURON=FACTOR", or that with another kind's numbers. Throws `error` naming the text unless the ids are
/// integers that are not negative and the factor is a finite number.
template <target_type Id>
[[nodiscard]] target_edit parse_edit(std::string_view text) {
    Id id;
    float factor = 0;
    const std::size_t equals = text.find('=');
    const bool is_sound = equals != std::string_view::npos && detail::is_target(text.substr(0, equals), id) &&
                          detail::is_number(text.substr(equals + 1), factor) && std::isfinite(factor);
    if (!is_sound)
        throw error("'" + std::string(text) + "' is no edit; write " + std::string(target_kind<Id>::form) +
                    "=FACTOR, for example " + std::string(target_kind<Id>::example) + "=-1");
    return {id, factor};
}

template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const target_edit& edit) {
    return out << to_string(edit);
}
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const plan& edits) {
    return out << to_string(edits);
}

}  // namespace unloop::inline v0

#endif
