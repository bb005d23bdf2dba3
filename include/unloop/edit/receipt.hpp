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

/// One touched row and the bytes that stood there before.
struct replaced_row {
    std::size_t row = 0;
    std::uint64_t offset = 0;  ///< of the row, from the start of the file that holds its tensor
    std::vector<std::byte> bytes;
    friend bool operator==(const replaced_row&, const replaced_row&) = default;
};

/// The touched rows of one tensor, ascending. The hashes are SHA-256 over these rows, one after the other.
struct tensor_change {
    std::string tensor;  ///< as the file calls it
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

/// One line a tensor, then one for the file.
[[nodiscard]] inline std::string to_string(const receipt& done) {
    std::string text;
    for (const tensor_change& change : done.tensors) {
        text += change.tensor + " (" + change.format + ")";
        if (change.file != done.source) text += " in " + change.file.substr(change.file.rfind('/') + 1);
        text += ", row";
        for (const replaced_row& row : change.rows) text += " " + std::to_string(row.row);
        text += ": " + std::to_string(change.bytes_changed) + " bytes changed, " + to_string(change.error) + "\n";
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
