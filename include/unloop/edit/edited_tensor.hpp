// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One parameter being edited where it lies in its tensor: new bytes, and the receipt's entry for it.
#ifndef UNLOOP_EDIT_EDITED_TENSOR_HPP
#define UNLOOP_EDIT_EDITED_TENSOR_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/copy_value.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/edit/scale_row.hpp>
#include <unloop/io/checkpoint.hpp>
#include <unloop/io/patched_copy.hpp>
#include <unloop/io/sha256.hpp>

#include <cstddef>  // byte
#include <set>      // replaced values
#include <span>     // rows
#include <string>   // messages
#include <utility>  // move
#include <vector>   // patches

namespace unloop::inline v0::detail {

/// Column `from` takes the place of column `to`.
struct column_copy {
    std::size_t to = 0;
    std::size_t from = 0;
};

class edited_tensor {
  public:
    /// `whole` are the weights of the tensor, of which the parameter is `part`.
    edited_tensor(std::string path, const stored_tensor& tensor, const weight_view& whole, const tensor_part& part,
                  parameter_name name)
        : path_(std::move(path)), tensor_(tensor), whole_(whole), part_(part) {
        change_.tensor = tensor.name, change_.format = tensor.type_name, change_.parameter = name;
        change_.file = path_;
    }

    /// Throws `error` when the parameter has other extents than the edits were made for; those that are 0 may be any.
    void check(const parameter_shape& wanted) const {
        const auto compare = [&](const char* what, std::size_t found, std::size_t asked) {
            if (asked != 0 && found != asked)
                throw error(
                    {path_, tensor_.name, tensor_.offset},
                    "has " + std::to_string(found) + what + ", the configuration asks for " + std::to_string(asked));
        };
        compare(" rows", whole_.rows, wanted.rows * part_.count);
        compare(" columns", whole_.columns, wanted.columns);
    }

    /// Throws `error` when the parameter has no such row, or a block of the format lies only half in the row's columns.
    template <class Read>
    void scale(const row_part& row, std::span<const float> factors, const Read& read,
               std::vector<byte_patch>& patches) {
        const std::size_t rows = whole_.rows / part_.count;
        if (row.row >= rows)
            throw error({path_, tensor_.name, tensor_.offset},
                        "has " + std::to_string(rows) + " rows, row " + std::to_string(row.row) + " is none of them");
        const std::size_t in_tensor = part_.index * rows + row.row;
        const auto [first, last] = bytes_of_columns(row);
        const std::span<const std::byte> before = read(tensor_, whole_, in_tensor).subspan(first, last - first);
        byte_patch patch{tensor_.offset + in_tensor * whole_.row_stride + first, {before.begin(), before.end()}};
        scaling_error error;
        for (const float factor : factors) error += scale_row(whole_.format, patch.bytes, factor);
        if (error.overflowed > 0)
            throw unloop::error({path_, tensor_.name, patch.offset},
                                "row " + std::to_string(row.row) + ": the factor is too large, " +
                                    std::to_string(error.overflowed) + " blocks of " + tensor_.type_name + " overflow");
        for (std::size_t i = 0; i < before.size(); ++i) change_.bytes_changed += before[i] != patch.bytes[i] ? 1U : 0U;
        change_.error += error;
        change_.rows.push_back({row.row, patch.offset, {before.begin(), before.end()}, row.column, row.columns});
        before_.update(before), after_.update(patch.bytes);
        patches.push_back(std::move(patch));
    }
    /// In every row. Throws `error` where that would take new codes: in a quantised format both columns must lie in one
    /// block.
    template <class Read>
    void copy(const column_copy& columns, const Read& read, std::vector<byte_patch>& patches) {
        if (!can_copy_value(whole_.format, columns.to, columns.from))
            throw error({path_, tensor_.name, tensor_.offset},
                        "column " + std::to_string(columns.from) + " cannot take the place of column " +
                            std::to_string(columns.to) + ": in " + tensor_.type_name +
                            " both must lie in one block, which has one scale");
        const value_place place = place_in_row(whole_.format, columns.to);
        if (!replaced_.insert(place.first).second)
            throw error({path_, tensor_.name, tensor_.offset},
                        "column " + std::to_string(columns.to) + " shares its bytes with one that is replaced already");
        const std::size_t rows = whole_.rows / part_.count;
        for (std::size_t r = 0; r < rows; ++r) {
            const std::size_t in_tensor = part_.index * rows + r;
            const std::span<const std::byte> row = read(tensor_, whole_, in_tensor);
            const auto before = row.subspan(place.first, place.count);
            byte_patch patch{tensor_.offset + in_tensor * whole_.row_stride + place.first,
                             copied_value(whole_.format, row, columns.to, columns.from)};
            for (std::size_t i = 0; i < place.count; ++i)
                change_.bytes_changed += before[i] != patch.bytes[i] ? 1U : 0U;
            ++change_.error.blocks;
            change_.rows.push_back({r, patch.offset, {before.begin(), before.end()}, columns.to, 1});
            before_.update(before), after_.update(patch.bytes);
            patches.push_back(std::move(patch));
        }
    }
    [[nodiscard]] tensor_change finish() {
        change_.hash_before = before_.finish(), change_.hash_after = after_.finish();
        return std::move(change_);
    }

  private:
    /// Where the part begins and ends in its row. Throws `error` when a block of the format lies only half in it.
    [[nodiscard]] std::pair<std::size_t, std::size_t> bytes_of_columns(const row_part& row) const {
        if (row.columns == 0) return {0, whole_.row_bytes()};
        return visit_format(whole_.format, [&](auto format) -> std::pair<std::size_t, std::size_t> {
            const std::size_t end = row.column + row.columns;
            if (row.column % format.block_values != 0 || end % format.block_values != 0)
                throw error({path_, tensor_.name, tensor_.offset},
                            "columns " + std::to_string(row.column) + "-" + std::to_string(end - 1) + " of " +
                                tensor_.type_name + " cannot be scaled alone: a block holds " +
                                std::to_string(format.block_values) + " columns, with one scale for all");
            return {row.column / format.block_values * format.block_bytes,
                    end / format.block_values * format.block_bytes};
        });
    }

    std::string path_;
    const stored_tensor& tensor_;
    weight_view whole_;
    tensor_part part_;
    tensor_change change_;
    sha256 before_, after_;
    std::set<std::size_t> replaced_;  // where replaced values lie in a row
};

}  // namespace unloop::inline v0::detail

#endif
