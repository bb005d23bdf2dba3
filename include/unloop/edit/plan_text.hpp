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

[[nodiscard]] inline std::string dotted(neuron_id id) {
    return std::to_string(id.layer) + "." + std::to_string(id.neuron);
}

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

}  // namespace detail

/// "10.1234=-1".
[[nodiscard]] inline std::string to_string(const neuron_edit& edit) {
    return detail::dotted(edit.target) + "=" + detail::shortest(edit.factor);
}

/// One edit a line, after the lines of the note.
[[nodiscard]] inline std::string to_string(const plan& edits) {
    std::string text = edits.note.empty() ? "" : "# " + edits.note + "\n";
    for (std::size_t i = 2; i + 1 < text.size(); ++i)
        if (text[i] == '\n') text.insert(i + 1, "# ");
    for (const neuron_edit& edit : edits.edits) text += to_string(edit) + "\n";
    return text;
}

/// Reads "LAYER.NEURON=FACTOR". Throws `error` naming the text unless the ids are integers that are not negative and
/// the factor is a finite number.
[[nodiscard]] inline neuron_edit parse_neuron_edit(std::string_view text) {
    neuron_edit edit;
    const std::size_t point = text.find('.'), equals = text.find('=');
    const bool is_sound = point < equals && equals != std::string_view::npos &&
                          detail::is_number(text.substr(0, point), edit.target.layer) &&
                          detail::is_number(text.substr(point + 1, equals - point - 1), edit.target.neuron) &&
                          detail::is_number(text.substr(equals + 1), edit.factor);
    if (!is_sound || edit.target.layer < 0 || edit.target.neuron < 0 || !std::isfinite(edit.factor))
        throw error("'" + std::string(text) + "' is no edit; write LAYER.NEURON=FACTOR, for example 10.1234=-1");
    return edit;
}

template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const neuron_edit& edit) {
    return out << to_string(edit);
}
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const plan& edits) {
    return out << to_string(edits);
}

}  // namespace unloop::inline v0

#endif
