// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A value in a JSON file with its place, so that an error says where to look.
#ifndef UNLOOP_IO_FIELD_JSON_HPP
#define UNLOOP_IO_FIELD_JSON_HPP

#include <unloop/core/error.hpp>
#include <unloop/io/mapped_file.hpp>
#include <unloop/io/strict_json.hpp>

#include <algorithm>         // find
#include <cstdint>           // uint64_t
#include <initializer_list>  // known keys
#include <optional>          // a key that may be absent
#include <string>            // places
#include <string_view>       // keys
#include <utility>           // move
#include <vector>            // lists

namespace unloop::inline v0 {

/// Every question throws `error` naming file and place ("topics[3].gold") unless the value is what is asked for.
/// Refers to a value that the caller keeps.
class json_field {
  public:
    json_field(const boost::json::value& value, std::string file, std::string path = {})
        : value_(&value), file_(std::move(file)), path_(std::move(path)) {}

    [[nodiscard]] const boost::json::value& value() const noexcept { return *value_; }
    [[nodiscard]] bool is_object() const noexcept { return value_->is_object(); }
    [[nodiscard]] const boost::json::object& object() const {
        if (!value_->is_object()) fail("must be an object");
        return value_->get_object();
    }
    [[nodiscard]] bool truth() const {
        if (!value_->is_bool()) fail("must be true or false");
        return value_->get_bool();
    }
    /// An integer that is not negative.
    [[nodiscard]] std::uint64_t count() const {
        const auto number = as_unsigned(*value_);
        if (!number) fail("must be an integer that is not negative");
        return *number;
    }
    /// A string, which may be empty.
    [[nodiscard]] std::string_view string() const {
        if (!value_->is_string()) fail("must be a string");
        return value_->get_string();
    }
    /// A string with something in it.
    [[nodiscard]] std::string text() const {
        if (!value_->is_string() || value_->get_string().empty()) fail("must be a string that is not empty");
        return std::string(value_->get_string());
    }
    [[nodiscard]] std::vector<json_field> list() const {
        if (!value_->is_array()) fail("must be a list");
        std::vector<json_field> elements;
        for (const boost::json::value& element : value_->get_array())
            elements.emplace_back(element, file_, path_ + "[" + std::to_string(elements.size()) + "]");
        return elements;
    }
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const json_field& element : list()) all.push_back(element.text());
        return all;
    }
    [[nodiscard]] std::optional<json_field> find(std::string_view key) const {
        const boost::json::value* const member = object().if_contains({key.data(), key.size()});
        if (member == nullptr) return std::nullopt;
        return json_field(*member, file_, (path_.empty() ? path_ : path_ + ".") + std::string(key));
    }
    /// Nothing also when the member is null.
    [[nodiscard]] std::optional<json_field> find_value(std::string_view key) const {
        auto member = find(key);
        return member && !member->value().is_null() ? member : std::nullopt;
    }
    [[nodiscard]] json_field at(std::string_view key) const {
        auto member = find(key);
        if (!member) fail("has no '" + std::string(key) + "'");
        return *std::move(member);
    }
    /// Refuses keys that are not among `known`: a misspelt key must not be passed over.
    void allow(std::initializer_list<std::string_view> known) const {
        for (const auto& member : object())
            if (std::find(known.begin(), known.end(), std::string_view(member.key())) == known.end())
                fail("has a key that is not known: '" + std::string(member.key()) + "'");
    }
    [[noreturn]] void fail(const std::string& why) const { throw error({file_, path_, {}}, why); }

  private:
    const boost::json::value* value_;
    std::string file_;
    std::string path_;
};

namespace detail {

/// The bytes of a small file; `file` keeps them.
[[nodiscard]] inline std::string_view text_of(const mapped_file& file) noexcept {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

/// The one of `values` whose `name_of` the field holds.
template <class Value>
[[nodiscard]] Value read_name(const json_field& field, std::initializer_list<Value> values) {
    std::string known;
    for (const Value value : values) {
        if (name_of(value) == field.text()) return value;
        known += (known.empty() ? "" : ", ") + std::string(name_of(value));
    }
    field.fail("must be one of: " + known);
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
