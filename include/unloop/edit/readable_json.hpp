// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// JSON for people: indented, what holds no structure on one line, numbers with their shortest digits.
#ifndef UNLOOP_EDIT_READABLE_JSON_HPP
#define UNLOOP_EDIT_READABLE_JSON_HPP

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/io/atomic_file.hpp>

#include <algorithm>  // any_of
#include <charconv>   // from_chars
#include <cmath>      // floor
#include <cstddef>    // size_t
#include <cstdint>    // int64_t
#include <span>       // bytes
#include <string>     // texts

namespace unloop::inline v0 {

namespace detail {

/// 0.1F as 0.1, and not as the double that it equals; reads back as `value`.
[[nodiscard]] inline boost::json::value shortest_number(float value) {
    double same_digits = value;
    const std::string digits = shortest(value);
    std::from_chars(digits.data(), digits.data() + digits.size(), same_digits);
    if (static_cast<float>(same_digits) != value) same_digits = value;
    if (same_digits == std::floor(same_digits) && std::abs(same_digits) < 1e9)
        return static_cast<std::int64_t>(same_digits);
    return same_digits;
}

[[nodiscard]] inline bool holds_structure(const boost::json::value& value) {
    const auto is_structured = [](const boost::json::value& inner) { return inner.is_structured(); };
    if (const auto* const array = value.if_array()) return std::any_of(array->begin(), array->end(), is_structured);
    const auto* const object = value.if_object();
    return object != nullptr && std::any_of(object->begin(), object->end(),
                                            [&](const auto& member) { return is_structured(member.value()); });
}

inline void append_readable(std::string& text, const boost::json::value& value, std::size_t indent) {
    if (!value.is_structured()) {
        const double* const number = value.if_double();  // Boost.JSON would write 2.5E0
        text += number != nullptr ? shortest(*number) : boost::json::serialize(value);
        return;
    }
    const bool breaks = holds_structure(value);
    const std::string separator = breaks ? "\n" + std::string(indent + 2, ' ') : " ";
    const auto* const object = value.if_object();
    const std::size_t start = text.size();
    const auto begin_member = [&] { text += text.size() > start ? "," + separator : breaks ? separator : ""; };
    if (object != nullptr)
        for (const auto& member : *object) {
            begin_member();
            text += boost::json::serialize(boost::json::string(member.key())) + ": ";
            append_readable(text, member.value(), indent + 2);
        }
    else
        for (const auto& inner : value.get_array()) {
            begin_member();
            append_readable(text, inner, indent + 2);
        }
    text.insert(start, object != nullptr ? "{" : "[");
    if (breaks) text += "\n" + std::string(indent, ' ');
    text += object != nullptr ? "}" : "]";
}

}  // namespace detail

/// The same value as `boost::json::serialize` writes, laid out to be read. Numbers are finite.
[[nodiscard]] inline std::string to_readable_text(const boost::json::value& value) {
    std::string text;
    detail::append_readable(text, value, 0);
    return text + "\n";
}

/// Writes `value` to a file that appears whole or not at all. Throws `error`.
inline void write_json(const std::string& path, const boost::json::value& value) {
    const std::string text = to_readable_text(value);
    atomic_file file(path);
    file.write_at(0, std::as_bytes(std::span(text)));
    file.commit();
}

}  // namespace unloop::inline v0

#endif
