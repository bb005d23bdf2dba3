// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A receipt as JSON, with the replaced bytes in it: enough to undo the edit of a file.
#ifndef UNLOOP_EDIT_RECEIPT_JSON_HPP
#define UNLOOP_EDIT_RECEIPT_JSON_HPP

#include <unloop/edit/edit_json.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/io/checked_json.hpp>

#include <cstddef>      // byte
#include <string>       // texts
#include <string_view>  // hexadecimal digits
#include <utility>      // move
#include <vector>       // bytes

namespace unloop::inline v0 {

namespace detail {

constexpr std::string_view hexadecimal_digits = "0123456789abcdef";

[[nodiscard]] inline std::string to_hexadecimal(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        const auto value = std::to_integer<std::size_t>(byte);
        text += hexadecimal_digits[value >> 4], text += hexadecimal_digits[value & 15U];
    }
    return text;
}

[[nodiscard]] inline std::vector<std::byte> bytes_from_json(checked_object& from, std::string_view key) {
    const std::string text = from.text(key);
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const std::size_t high = hexadecimal_digits.find(text[i]), low = hexadecimal_digits.find(text[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) break;
        bytes.push_back(static_cast<std::byte>(high << 4 | low));
    }
    if (2 * bytes.size() != text.size()) from.refuse(key, "must be pairs of digits 0-9 and a-f");
    return bytes;
}

[[nodiscard]] inline boost::json::object change_to_json(const tensor_change& change) {
    boost::json::array rows;
    for (const replaced_row& row : change.rows) {
        boost::json::object& entry = rows.emplace_back(boost::json::object{{"row", row.row}}).get_object();
        if (row.columns > 0) entry["column"] = row.column, entry["columns"] = row.columns;
        entry["offset"] = row.offset;
        entry["replaced"] = to_hexadecimal(row.bytes);
    }
    boost::json::object object{{"tensor", change.tensor}, {"file", change.file}};
    add_parameter(object, change.parameter);
    const boost::json::object rest{{"format", change.format},
                                   {"bytes_changed", change.bytes_changed},
                                   {"sha256_before", change.hash_before},
                                   {"sha256_after", change.hash_after},
                                   {"exact", change.error.is_exact()},
                                   {"blocks", change.error.blocks},
                                   {"blocks_rounded", change.error.rounded},
                                   {"blocks_underflowed", change.error.underflowed},
                                   {"largest_relative_error", shortest_number(change.error.largest_relative_error)},
                                   {"rows", std::move(rows)}};
    object.insert(rest.begin(), rest.end());
    return object;
}

[[nodiscard]] inline tensor_change change_from_json(checked_object from) {
    tensor_change change;
    change.tensor = from.text("tensor");
    change.file = from.text("file");
    change.parameter = parameter_from_json(from);
    change.format = from.text("format");
    change.bytes_changed = from.count("bytes_changed");
    change.hash_before = from.text("sha256_before");
    change.hash_after = from.text("sha256_after");
    change.error.blocks = from.count<std::size_t>("blocks");
    change.error.rounded = from.count<std::size_t>("blocks_rounded");
    change.error.underflowed = from.count<std::size_t>("blocks_underflowed");
    change.error.largest_relative_error = static_cast<float>(from.number("largest_relative_error"));
    if (from.truth("exact") != change.error.is_exact()) from.refuse("exact", "contradicts the counts of blocks");
    for (std::size_t i = 0; i < from.list("rows").size(); ++i) {
        checked_object row = from.entry("rows", i);
        replaced_row& read = change.rows.emplace_back();
        read.row = row.count<std::size_t>("row");
        read.offset = row.count("offset");
        read.bytes = bytes_from_json(row, "replaced");
        if (row.find("column") != nullptr)
            read.column = row.count<std::size_t>("column"), read.columns = row.count<std::size_t>("columns");
        row.finish();
    }
    from.finish();
    return change;
}

}  // namespace detail

[[nodiscard]] inline boost::json::object to_json(const receipt& done) {
    boost::json::array tensors;
    for (const tensor_change& change : done.tensors) tensors.push_back(detail::change_to_json(change));
    return {{"format", "unloop receipt"}, {"version", 1},
            {"source", done.source},      {"target", done.target},
            {"dry_run", done.is_dry_run}, {"tensors", std::move(tensors)}};
}

/// Reads what `to_json` wrote. Throws `error` naming the key, as `parse_plan` does.
[[nodiscard]] inline receipt parse_receipt(std::string_view text, const std::string& where) {
    const boost::json::value value = parse_json(text, {where, {}, {}});
    checked_object from(value, where, {});
    from.expect_text("format", "unloop receipt");
    from.expect_count("version", 1);
    receipt done{from.text("source"), from.text("target"), from.truth("dry_run"), {}};
    for (std::size_t i = 0; i < from.list("tensors").size(); ++i)
        done.tensors.push_back(detail::change_from_json(from.entry("tensors", i)));
    from.finish();
    return done;
}

/// The receipt in a file.
[[nodiscard]] inline receipt read_receipt(const std::string& path) { return parse_receipt(read_text(path), path); }

}  // namespace unloop::inline v0

#endif
