// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What an edit did to the weights, and the bytes that take it back.
#ifndef UNLOOP_EDIT_RECEIPT_HPP
#define UNLOOP_EDIT_RECEIPT_HPP

#include <unloop/edit/plan_text.hpp>
#include <unloop/edit/scale_row.hpp>
#include <unloop/model/decoder.hpp>

#include <cstddef>  // byte
#include <cstdint>  // uint64_t
#include <iosfwd>   // ostream
#include <string>   // paths
#include <vector>   // rows

namespace unloop::inline v0 {

/// A row of a parameter, or columns [column, column + columns) of it. Ordered by columns, then by row.
struct row_part {
    std::size_t column = 0;
    std::size_t columns = 0;  ///< 0: the whole row
    std::size_t row = 0;
    friend constexpr auto operator<=>(const row_part&, const row_part&) = default;
};

/// One touched row and the bytes that stood there before.
struct replaced_row {
    std::size_t row = 0;       ///< of the parameter: where several share a tensor, each counts from 0
    std::uint64_t offset = 0;  ///< of the bytes, from the start of the file that holds the tensor
    std::vector<std::byte> bytes;
    std::size_t column = 0;   ///< first of the touched columns
    std::size_t columns = 0;  ///< 0: the whole row
    friend bool operator==(const replaced_row&, const replaced_row&) = default;
};

/// The touched rows of one parameter, ascending; where columns are touched, first all rows of the first columns. The
/// hashes are SHA-256 over these rows, one after the other.
struct tensor_change {
    std::string tensor;  ///< as the file calls it; it may hold other parameters as well
    std::string file;    ///< path of the file that holds it
    parameter_name parameter;
    std::string format;  ///< "Q4_1"
    std::vector<replaced_row> rows;
    std::uint64_t bytes_changed = 0;  ///< bytes that differ
    std::string hash_before, hash_after;
    scaling_error error;  ///< how far the edited weights are from the exact products
    friend bool operator==(const tensor_change&, const tensor_change&) = default;
};

struct receipt {
    std::string source;  ///< file, or folder of a checkpoint, that was edited
    std::string target;  ///< that with the edit; empty for an edit in memory
    bool is_dry_run = false;
    std::vector<tensor_change> tensors;

    [[nodiscard]] bool is_exact() const noexcept {
        for (const tensor_change& change : tensors)
            if (!change.error.is_exact()) return false;
        return true;
    }
    [[nodiscard]] std::size_t rows() const noexcept {
        std::size_t sum = 0;
        for (const tensor_change& change : tensors) sum += change.rows.size();
        return sum;
    }
    [[nodiscard]] std::uint64_t bytes_changed() const noexcept {
        std::uint64_t sum = 0;
        for (const tensor_change& change : tensors) sum += change.bytes_changed;
        return sum;
    }
    friend bool operator==(const receipt&, const receipt&) = default;
};

/// "exact", or how many blocks are not and by how much.
[[nodiscard]] inline std::string to_string(const scaling_error& error) {
    if (error.is_exact()) return "exact";
    return std::to_string(error.rounded) + " blocks rounded and " + std::to_string(error.underflowed) +
           " underflowed of " + std::to_string(error.blocks) + ", relative error at most " +
           detail::shortest(error.largest_relative_error);
}

namespace detail {

/// " 1 2", " 0-63" for three rows or more without a gap, " 0[5]" for one column and " 0[16-31]" for several.
[[nodiscard]] inline std::string list_rows(const tensor_change& change) {
    std::string text;
    for (auto first = change.rows.begin(); first != change.rows.end();) {
        auto last = first;
        while (last + 1 != change.rows.end() && (last + 1)->row == last->row + 1 &&
               (last + 1)->column == first->column && (last + 1)->columns == first->columns)
            ++last;
        if (last->row - first->row < 2) last = first;
        text += " " + std::to_string(first->row);
        if (last != first) text += "-" + std::to_string(last->row);
        if (first->columns > 0) text += "[" + std::to_string(first->column);
        if (first->columns > 1) text += "-" + std::to_string(first->column + first->columns - 1);
        if (first->columns > 0) text += "]";
        first = last + 1;
    }
    return text;
}

/// "blk.0.up (Q8_0)", and the expert where one of many is meant.
[[nodiscard]] inline std::string name_parameter(const tensor_change& change) {
    const std::string expert = change.parameter.expert < 0 ? "" : ", expert " + std::to_string(change.parameter.expert);
    return change.tensor + " (" + change.format + ")" + expert;
}

}  // namespace detail

/// One line a parameter, then one for the file.
[[nodiscard]] inline std::string to_string(const receipt& done) {
    std::string text;
    for (const tensor_change& change : done.tensors) {
        text += detail::name_parameter(change);
        if (change.file != done.source) text += " in " + change.file.substr(change.file.rfind('/') + 1);
        text += ", row" + detail::list_rows(change) + ": " + std::to_string(change.bytes_changed) + " bytes changed, " +
                to_string(change.error) + "\n";
    }
    text += done.is_dry_run ? "nothing written: " : done.target.empty() ? "in memory: " : done.target + ": ";
    return text + std::to_string(done.rows()) + " rows of " + done.source + ", " +
           std::to_string(done.bytes_changed()) + " bytes changed\n";
}

template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const receipt& done) {
    return out << to_string(done);
}

}  // namespace unloop::inline v0

#endif
