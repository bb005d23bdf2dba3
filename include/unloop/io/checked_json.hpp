// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Objects of a JSON document read strictly: what is missing, of the wrong kind or unknown is an error that names it.
#ifndef UNLOOP_IO_CHECKED_JSON_HPP
#define UNLOOP_IO_CHECKED_JSON_HPP

#include <boost/json/value.hpp>
#include <unloop/core/error.hpp>
#include <unloop/io/mapped_file.hpp>
#include <unloop/io/strict_json.hpp>

#include <cstdint>      // uint64_t
#include <limits>       // ranges
#include <set>          // keys that were asked for
#include <string>       // texts
#include <string_view>  // keys
#include <utility>      // move

namespace unloop::inline v0 {

/// One object; the document must outlive it. Every member throws `error` naming the file and the key's path,
/// "edits[3].layer".
class checked_object {
  public:
    checked_object(const boost::json::value& value, std::string file, std::string path)
        : file_(std::move(file)), path_(std::move(path)), object_(value.if_object()) {
        if (object_ == nullptr) refuse_here("must be an object");
    }

    [[nodiscard]] const boost::json::value* find(std::string_view key) {
        asked_.emplace(key);
        return object_->if_contains(key);
    }
    [[nodiscard]] const boost::json::value& at(std::string_view key) {
        const auto* const value = find(key);
        if (value == nullptr) refuse(key, "is missing");
        return *value;
    }
    [[nodiscard]] std::string text(std::string_view key) {
        const auto* const value = at(key).if_string();
        if (value == nullptr) refuse(key, "must be a string");
        return {value->data(), value->size()};
    }
    [[nodiscard]] bool truth(std::string_view key) {
        const auto* const value = at(key).if_bool();
        if (value == nullptr) refuse(key, "must be true or false");
        return *value;
    }
    /// From 0 to `most`.
    template <class Integer = std::uint64_t>
    [[nodiscard]] Integer count(std::string_view key, Integer most = std::numeric_limits<Integer>::max()) {
        const auto value = as_unsigned(at(key));
        if (!value || *value > static_cast<std::uint64_t>(most))
            refuse(key, "must be an integer from 0 to " + std::to_string(most));
        return static_cast<Integer>(*value);
    }
    [[nodiscard]] double number(std::string_view key) {
        const auto& value = at(key);
        if (!value.is_number()) refuse(key, "must be a number");
        return value.to_number<double>();
    }
    [[nodiscard]] const boost::json::array& list(std::string_view key) {
        const auto* const value = at(key).if_array();
        if (value == nullptr) refuse(key, "must be a list");
        return *value;
    }
    [[nodiscard]] checked_object object(std::string_view key) { return {at(key), file_, path_of(key)}; }
    /// Entry `i` of the list `key`, which must be an object.
    [[nodiscard]] checked_object entry(std::string_view key, std::size_t i) {
        return {list(key)[i], file_, path_of(key) + "[" + std::to_string(i) + "]"};
    }
    /// Throws unless the text under `key` is `wanted`.
    void expect_text(std::string_view key, std::string_view wanted) {
        if (const std::string found = text(key); found != wanted)
            refuse(key, "is '" + found + "', only '" + std::string(wanted) + "' is known");
    }
    void expect_count(std::string_view key, std::uint64_t wanted) {
        if (const std::uint64_t found = count(key); found != wanted)
            refuse(key, "is " + std::to_string(found) + ", only " + std::to_string(wanted) + " is known");
    }
    /// Throws when the object has a key that nobody asked for.
    void finish() const {
        for (const auto& member : *object_)
            if (asked_.find(std::string(member.key())) == asked_.end())
                refuse(std::string_view(member.key()), "is not a key that is known");
    }

    [[noreturn]] void refuse(std::string_view key, const std::string& why) const {
        throw error({file_, path_of(key), {}}, why);
    }

  private:
    [[noreturn]] void refuse_here(const std::string& why) const { throw error({file_, path_, {}}, why); }
    [[nodiscard]] std::string path_of(std::string_view key) const {
        return (path_.empty() ? "" : path_ + ".") + std::string(key);
    }

    std::string file_, path_;
    const boost::json::object* object_;
    std::set<std::string> asked_;
};

/// The text of a whole file. Throws `error`.
[[nodiscard]] inline std::string read_text(const std::string& path) {
    const mapped_file file(path);
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

}  // namespace unloop::inline v0

#endif
