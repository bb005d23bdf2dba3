// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// JSON that says where it is wrong: a parser that refuses repeated keys and names the offset of a fault.
#ifndef UNLOOP_IO_STRICT_JSON_HPP
#define UNLOOP_IO_STRICT_JSON_HPP

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <unloop/core/error.hpp>

#include <cstdint>        // uint64_t
#include <optional>       // numbers of another kind
#include <string>         // keys
#include <string_view>    // the text
#include <unordered_set>  // keys of an object
#include <vector>         // open objects

namespace unloop::inline v0 {

namespace detail {

/// Builds a value as Boost.JSON's own parser does (which keeps the last of two equal keys), and watches the keys.
class json_builder {
  public:
    static constexpr std::size_t max_object_size = boost::json::object::max_size();
    static constexpr std::size_t max_array_size = boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();
    using text = boost::json::string_view;
    using fault = boost::json::error_code;

    [[nodiscard]] bool has_repeated_key() const noexcept { return repeated_; }
    [[nodiscard]] const std::string& key() const noexcept { return key_; }
    [[nodiscard]] boost::json::value release() { return stack_.release(); }

    bool on_document_begin(fault& /*ec*/) {
        stack_.reset();
        return true;
    }
    bool on_document_end(fault& /*ec*/) { return true; }
    bool on_object_begin(fault& /*ec*/) {
        keys_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, fault& /*ec*/) {
        keys_.pop_back();
        stack_.push_object(size);
        return true;
    }
    bool on_array_begin(fault& /*ec*/) { return true; }
    bool on_array_end(std::size_t size, fault& /*ec*/) {
        stack_.push_array(size);
        return true;
    }
    bool on_key_part(text part, std::size_t /*size*/, fault& /*ec*/) {
        stack_.push_chars(part);
        part_.append(part.data(), part.size());
        return true;
    }
    bool on_key(text part, std::size_t /*size*/, fault& ec) {
        key_ = part_.append(part.data(), part.size());
        part_.clear();
        stack_.push_key(part);
        repeated_ = !keys_.back().insert(key_).second;
        if (repeated_) ec = boost::json::error::syntax;
        return !repeated_;
    }
    bool on_string_part(text part, std::size_t /*size*/, fault& /*ec*/) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(text part, std::size_t /*size*/, fault& /*ec*/) {
        stack_.push_string(part);
        return true;
    }
    bool on_number_part(text /*part*/, fault& /*ec*/) { return true; }
    bool on_int64(std::int64_t number, text /*part*/, fault& /*ec*/) {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, text /*part*/, fault& /*ec*/) {
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double number, text /*part*/, fault& /*ec*/) {
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool truth, fault& /*ec*/) {
        stack_.push_bool(truth);
        return true;
    }
    bool on_null(fault& /*ec*/) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(text /*part*/, fault& /*ec*/) { return true; }
    bool on_comment(text /*part*/, fault& /*ec*/) { return true; }

  private:
    boost::json::value_stack stack_;
    std::vector<std::unordered_set<std::string>> keys_;
    std::string part_;
    std::string key_;
    bool repeated_ = false;
};

}  // namespace detail

/// One JSON document of at most 32 levels, in UTF-8, with white space around it and nothing else. Throws `error` on
/// anything else and on an object with two equal keys; the offset named is that of `place` plus the position in `text`.
[[nodiscard]] inline boost::json::value parse_json(std::string_view text, const file_place& place) {
    boost::json::basic_parser<detail::json_builder> parser{boost::json::parse_options{}};
    boost::json::error_code fault;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), fault);
    if (!fault && read == text.size()) return parser.handler().release();
    file_place found{place.file, place.tensor, place.offset.value_or(0) + read};
    if (parser.handler().has_repeated_key()) {
        found.tensor = parser.handler().key();
        throw error(found, "the key appears twice");
    }
    throw error(found, "JSON: " + (fault ? fault.message() : std::string("the text goes on after its end")));
}

/// The number if it is an integer and not negative. Fractions are refused even when they are whole, like 2.0.
[[nodiscard]] inline std::optional<std::uint64_t> as_unsigned(const boost::json::value& value) noexcept {
    if (const std::uint64_t* const number = value.if_uint64()) return *number;
    if (const std::int64_t* const number = value.if_int64(); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    return std::nullopt;
}

}  // namespace unloop::inline v0

#endif
