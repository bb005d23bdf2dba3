// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Values and declarations of tools in the notation of Gemma's chat format, from JSON.
#ifndef UNLOOP_IO_GEMMA_NOTATION_JSON_HPP
#define UNLOOP_IO_GEMMA_NOTATION_JSON_HPP

#include <unloop/io/field_json.hpp>

#include <algorithm>    // stable_sort
#include <charconv>     // numbers
#include <cmath>        // magnitudes
#include <string>       // texts
#include <string_view>  // keys
#include <utility>      // pair
#include <vector>       // members

namespace unloop::inline v0 {

namespace detail {

constexpr char with_case(char letter, char first, char shift) noexcept {
    return letter >= first && letter < first + 26 ? static_cast<char>(letter + shift) : letter;
}
inline std::string lower_case(std::string text) {
    for (char& letter : text) letter = with_case(letter, 'A', 'a' - 'A');
    return text;
}
inline std::string upper_case(std::string text) {
    for (char& letter : text) letter = with_case(letter, 'a', 'A' - 'a');
    return text;
}

/// Members by name, capitals like small letters: Jinja's `dictsort`.
inline std::vector<std::pair<std::string, json_field>> sorted_members(const json_field& field) {
    std::vector<std::pair<std::string, json_field>> members;
    for (const auto& member : field.object()) {
        std::string key(member.key());
        members.emplace_back(key, field.at(key));
    }
    std::stable_sort(members.begin(), members.end(), [](const auto& left, const auto& right) {
        return lower_case(left.first) < lower_case(right.first);
    });
    return members;
}

inline std::string gemma_text(std::string_view text) { return "<|\"|>" + std::string(text) + "<|\"|>"; }

/// A number as Python prints it: the shortest digits, at least one after the point, an exponent from 1e16 and below
/// 1e-4.
inline std::string python_number(double number) {
    const double size = std::fabs(number);
    const bool fixed = number == 0 || (size >= 1e-4 && size < 1e16);
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number,
                                   fixed ? std::chars_format::fixed : std::chars_format::scientific);
    const std::string text(digits, end.ptr);
    return fixed && text.find('.') == std::string::npos ? text + ".0" : text;
}

/// A value in Gemma's notation; `quoted`: whether keys are wrapped as texts are.
inline std::string gemma_value(const json_field& field, bool quoted) {
    const boost::json::value& value = field.value();
    if (value.is_null()) return "null";
    if (value.is_string()) return gemma_text(field.string());
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    if (value.is_double()) return python_number(value.get_double());
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    std::string text;
    if (value.is_array()) {
        for (const json_field& element : field.list()) text += (text.empty() ? "" : ",") + gemma_value(element, quoted);
        return "[" + text + "]";
    }
    for (const auto& [key, member] : sorted_members(field))
        text += (text.empty() ? "" : ",") + (quoted ? gemma_text(key) : key) + ":" + gemma_value(member, quoted);
    return "{" + text + "}";
}

/// "TYPE" in capitals, or a list of such.
inline std::string gemma_type(const json_field& type) {
    if (!type.value().is_array()) return gemma_text(upper_case(type.text()));
    std::string text;
    for (const json_field& one : type.list()) text += (text.empty() ? "" : ",") + gemma_text(upper_case(one.text()));
    return "[" + text + "]";
}

inline std::string gemma_properties(const json_field& properties);

/// "NAME:VALUE," for a member of a schema that is there and not empty.
inline std::string gemma_required(const json_field& schema) {
    const auto required = schema.find_value("required");
    if (!required || required->list().empty()) return {};
    return "required:" + gemma_value(*required, false) + ",";
}
inline std::string gemma_items(const json_field& items) {
    std::string text;
    for (const auto& [key, member] : sorted_members(items)) {
        if (member.value().is_null()) continue;
        text += (text.empty() ? "" : ",") + key + ":";
        text += key == "properties" ? gemma_properties(member)
                : key == "type"     ? gemma_type(member)
                                    : gemma_value(member, true);
    }
    return "{" + text + "}";
}

/// One schema of a parameter. Its parts have a fixed order, and the type comes last.
inline std::string gemma_schema(const json_field& schema) {
    const std::string type = upper_case(schema.at("type").text());
    std::string text;
    if (const auto about = schema.find_value("description")) text += "description:" + gemma_text(about->string()) + ",";
    const auto choices = schema.find_value("enum");
    if (choices && type == "STRING") text += "enum:" + gemma_value(*choices, true) + ",";
    const auto items = schema.find_value("items");
    if (items && type == "ARRAY") text += "items:" + gemma_items(*items) + ",";
    const auto nullable = schema.find_value("nullable");
    if (nullable && nullable->truth()) text += "nullable:true,";
    if (type == "OBJECT")
        text += "properties:" + gemma_properties(schema.at("properties")) + "," + gemma_required(schema);
    return "{" + text + "type:" + gemma_text(type) + "}";
}

inline std::string gemma_properties(const json_field& properties) {
    std::string text;
    for (const auto& [key, schema] : sorted_members(properties))
        text += (text.empty() ? "" : ",") + key + ":" + gemma_schema(schema);
    return "{" + text + "}";
}

}  // namespace detail

/// {"type": "function", "function": {"name", "description", "parameters"}} as `chat_options::tools` of Gemma's format.
/// Throws `error` naming the place of what the format cannot say.
[[nodiscard]] inline std::string gemma_tool(const json_field& tool) {
    const json_field function = tool.at("function");
    std::string text = "declaration:" + function.at("name").text() +
                       "{description:" + detail::gemma_text(function.at("description").string());
    if (const auto parameters = function.find_value("parameters"); parameters && !parameters->object().empty()) {
        text += ",parameters:{";
        const auto properties = parameters->find_value("properties");
        if (properties && !properties->object().empty())
            text += "properties:" + detail::gemma_properties(*properties) + ",";
        text += detail::gemma_required(*parameters) + "type:" + detail::gemma_type(parameters->at("type")) + "}";
    }
    if (const auto response = function.find_value("response")) response->fail("is not supported");
    return text + "}";
}

}  // namespace unloop::inline v0

#endif
