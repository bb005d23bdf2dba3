// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One parameter being edited where it lies in its tensor: new bytes, and the receipt's entry for it.
#ifndef UNLOOP_EDIT_EDITED_TENSOR_HPP
#define UNLOOP_EDIT_EDITED_TENSOR_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/edit/scale_row.hpp>
#include <unloop/io/checkpoint.hpp>
#include <unloop/io/patched_copy.hpp>
#include <unloop/io/sha256.hpp>

#include <cstddef>  // byte
#include <span>     // rows
#include <string>   // messages
#include <utility>  // move
#include <vector>   // patches

namespace unloop::inline v0::detail {

class edited_tensor {
  public:
    /// `whole` are the weights of the tensor, of which the parameter is `part`.
    edited_tensor(std::string path, const stored_tensor& tensor, const weight_view& whole, const tensor_part& part,
                  parameter_name name)
        : path_(std::move(path)), tensor_(tensor), whole_(whole), part_(part) {
        change_.tensor = tensor.name, change_.format = tensor.type_name, change_.parameter = name;
        change_.file = path_;
    }

    /// Throws `error` when the parameter has another extent than the edits were made for.
    void check(const row_part& row, std::size_t extent) const {
        const std::size_t found = row.columns > 0 ? whole_.columns : whole_.rows / part_.count;
        if (found == extent && whole_.rows % part_.count == 0) return;
        const std::string what = row.columns > 0 ? " columns" : " rows";
        throw error({path_, tensor_.name, tensor_.offset},
                    "has " + std::to_string(found) + what + ", the configuration asks for " + std::to_string(extent));
    }

    template <class Read>
    void scale(const row_part& row, std::span<const float> factors, const Read& read,
               std::vector<byte_patch>& patches) {
        const std::size_t in_tensor = part_.index * (whole_.rows / part_.count) + row.row;
        const std::size_t first = bytes_before(row.column);
        const std::size_t last = row.columns > 0 ? bytes_before(row.column + row.columns) : whole_.row_bytes();
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
    [[nodiscard]] tensor_change finish() {
        change_.hash_before = before_.finish(), change_.hash_after = after_.finish();
        return std::move(change_);
    }

  private:
    /// Of a row, up to `column`. Throws `error` when a block of the format lies on both sides.
    [[nodiscard]] std::size_t bytes_before(std::size_t column) const {
        return visit_format(whole_.format, [&](auto format) {
            if (column % format.block_values != 0)
                throw error({path_, tensor_.name, tensor_.offset}, "single columns of " + tensor_.type_name +
                                                                       " cannot be scaled, a block holds " +
                                                                       std::to_string(format.block_values));
            return column / format.block_values * format.block_bytes;
        });
    }

    std::string path_;
    const stored_tensor& tensor_;
    weight_view whole_;
    tensor_part part_;
    tensor_change change_;
    sha256 before_, after_;
};

}  // namespace unloop::inline v0::detail

#endif
