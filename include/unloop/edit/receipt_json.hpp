// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A receipt as JSON, with the replaced bytes in it: enough to undo the edit of a file.
#ifndef UNLOOP_EDIT_RECEIPT_JSON_HPP
#define UNLOOP_EDIT_RECEIPT_JSON_HPP

#include <unloop/edit/edit_json.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/io/checked_json.hpp>

#include <cstddef>      // byte
#include <cstdint>      // uint64_t
#include <span>         // rows
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

/// How many rows from `first` on follow each other with the same columns, evenly spaced in the file.
[[nodiscard]] inline std::size_t count_even_rows(std::span<const replaced_row> rows) {
    std::size_t count = 1;
    for (; count < rows.size(); ++count) {
        const replaced_row &last = rows[count - 1], &next = rows[count];
        if (next.row != last.row + 1 || next.column != last.column || next.columns != last.columns ||
            next.bytes.size() != last.bytes.size() || next.offset <= last.offset ||
            next.offset - last.offset != rows[1].offset - rows[0].offset)
            break;
    }
    return count;
}

/// One entry for evenly spaced rows: a head's columns are in all of them.
[[nodiscard]] inline boost::json::array replaced_to_json(std::span<const replaced_row> rows) {
    boost::json::array entries;
    while (!rows.empty()) {
        const replaced_row& first = rows.front();
        const std::size_t count = count_even_rows(rows);
        boost::json::object& entry = entries.emplace_back(boost::json::object{{"row", first.row}}).get_object();
        if (count > 1) entry["rows"] = count;
        if (first.columns > 0) entry["column"] = first.column, entry["columns"] = first.columns;
        entry["offset"] = first.offset;
        if (count > 1) entry["stride"] = rows[1].offset - first.offset;
        std::string replaced;
        for (const replaced_row& row : rows.first(count)) replaced += to_hexadecimal(row.bytes);
        entry["replaced"] = replaced;
        rows = rows.subspan(count);
    }
    return entries;
}

inline void replaced_from_json(checked_object from, std::vector<replaced_row>& to) {
    replaced_row row;
    row.row = from.count<std::size_t>("row");
    row.offset = from.count("offset");
    if (from.find("column") != nullptr)
        row.column = from.count<std::size_t>("column"), row.columns = from.count<std::size_t>("columns");
    const std::vector<std::byte> bytes = bytes_from_json(from, "replaced");
    std::size_t count = 1;
    std::uint64_t stride = 0;
    if (from.find("rows") != nullptr) count = from.count<std::size_t>("rows"), stride = from.count("stride");
    if (count == 0 || bytes.size() % count != 0) from.refuse("replaced", "must have as many bytes for every row");
    from.finish();
    const auto size = static_cast<std::ptrdiff_t>(bytes.size() / count);
    for (std::size_t i = 0; i < count && size > 0; ++i, ++row.row, row.offset += stride) {
        const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(i) * size;
        row.bytes.assign(first, first + size);
        to.push_back(row);
    }
}

[[nodiscard]] inline boost::json::object change_to_json(const tensor_change& change) {
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
                                   {"rows", replaced_to_json(change.rows)}};
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
    for (std::size_t i = 0; i < from.list("rows").size(); ++i) replaced_from_json(from.entry("rows", i), change.rows);
    from.finish();
    return change;
}

}  // namespace detail

[[nodiscard]] inline boost::json::object to_json(const receipt& done) {
    boost::json::array tensors;
    for (const tensor_change& change : done.tensors) tensors.push_back(detail::change_to_json(change));
    return {{"format", "unloop receipt"}, {"version", 2},
            {"source", done.source},      {"target", done.target},
            {"dry_run", done.is_dry_run}, {"tensors", std::move(tensors)}};
}

/// Reads what `to_json` wrote, of version 2, or 1 (which had an entry for each row). Throws `error` naming the key, as
/// `parse_plan` does.
[[nodiscard]] inline receipt parse_receipt(std::string_view text, const std::string& where) {
    const boost::json::value value = parse_json(text, {where, {}, {}});
    checked_object from(value, where, {});
    from.expect_text("format", "unloop receipt");
    if (const auto version = from.count("version"); version != 1 && version != 2)
        from.refuse("version", "is " + std::to_string(version) + ", only 1 and 2 are known");
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
