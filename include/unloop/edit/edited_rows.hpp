// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// From a plan to bytes: which rows of which tensors it touches, what stands there, and what will.
#ifndef UNLOOP_EDIT_EDITED_ROWS_HPP
#define UNLOOP_EDIT_EDITED_ROWS_HPP

#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/io/checkpoint.hpp>
#include <unloop/io/patched_copy.hpp>
#include <unloop/io/sha256.hpp>

#include <concepts>  // convertible_to
#include <cstddef>   // byte
#include <map>       // rows in ascending order
#include <span>      // rows
#include <string>    // names
#include <utility>   // move
#include <vector>    // patches

namespace unloop::inline v0 {

/// An edit that is worked out and not yet written: the receipt that it will have, and the new bytes.
struct prepared_edit {
    receipt changes;
    std::vector<byte_patch> patches;  ///< one a row of `changes`, in its order; for the file that its tensor lies in
};

namespace detail {

/// Factors of each touched row of `up`, by layer and row, each in the order written.
using row_factors = std::map<neuron_id, std::vector<float>>;

[[nodiscard]] inline row_factors factors_by_row(const plan& edits) {
    row_factors factors;
    for (const neuron_edit& edit : edits.edits) factors[edit.target].push_back(edit.factor);
    return factors;
}

/// The rows of one tensor.
class tensor_edit {
  public:
    tensor_edit(const std::string& path, const stored_tensor& tensor, const weight_view& weights, parameter_name name)
        : path_(path), tensor_(tensor), weights_(weights) {
        change_.tensor = tensor.name, change_.format = tensor.type_name, change_.parameter = name;
        change_.file = path;
    }

    void scale(std::size_t row, std::span<const std::byte> before, std::span<const float> factors,
               std::vector<byte_patch>& patches) {
        const std::uint64_t offset = tensor_.offset + row * weights_.row_stride;
        byte_patch patch{offset, {before.begin(), before.end()}};
        scaling_error error;
        for (const float factor : factors) error += scale_row(weights_.format, patch.bytes, factor);
        if (error.overflowed > 0)
            throw unloop::error({path_, tensor_.name, offset},
                                "row " + std::to_string(row) + ": the factor is too large, " +
                                    std::to_string(error.overflowed) + " blocks of " + tensor_.type_name + " overflow");
        for (std::size_t i = 0; i < before.size(); ++i) change_.bytes_changed += before[i] != patch.bytes[i] ? 1U : 0U;
        change_.error += error;
        change_.rows.push_back({row, offset, {before.begin(), before.end()}});
        before_.update(before), after_.update(patch.bytes);
        patches.push_back(std::move(patch));
    }
    [[nodiscard]] tensor_change finish() {
        change_.hash_before = before_.finish(), change_.hash_after = after_.finish();
        return std::move(change_);
    }

  private:
    const std::string& path_;
    const stored_tensor& tensor_;
    weight_view weights_;
    tensor_change change_;
    sha256 before_, after_;
};

}  // namespace detail

/// What now stands in row `row` of a tensor: `read(tensor, weights, row)`.
template <class Read>
concept row_reader = requires(const Read& read, const stored_tensor& tensor, const weight_view& weights) {
    { read(tensor, weights, std::size_t{}) } -> std::convertible_to<std::span<const std::byte>>;
};

/// Rows as they lie in the mapping, edits in memory included.
struct read_mapped_row {
    std::span<const std::byte> operator()(const stored_tensor& /*tensor*/, const weight_view& weights,
                                          std::size_t row) const {
        return weights.row(row);
    }
};

/// Works out what `edits` does to the rows of `up` of `file`, and writes nothing. Throws `error` when the plan does not
/// fit the model (see `check_plan`), when a tensor is missing or of a format or shape that cannot be edited, or when a
/// factor makes a weight infinite.
template <checkpoint_file Checkpoint, row_reader Read = read_mapped_row>
[[nodiscard]] prepared_edit prepare_edit(const plan& edits, const Checkpoint& file, const Read& read = {}) {
    const decoder_config config = read_config(file);
    check_plan(edits, config);
    prepared_edit prepared;
    prepared.changes.source = file.path();
    const detail::row_factors factors = detail::factors_by_row(edits);
    for (auto at = factors.begin(); at != factors.end();) {
        const parameter_name name{at->first.layer, parameter_role::up};
        const std::string tensor_called = locate(file, name).tensor;
        const stored_tensor* const tensor = file.find(tensor_called);
        if (tensor == nullptr) throw error({file.path(), tensor_called, {}}, "there is no such tensor");
        const std::string path = file.path_of(*tensor);
        const weight_view weights = file.weights(*tensor);
        if (weights.rows != config.layers[static_cast<std::size_t>(name.layer)].mlp_width)
            throw error({path, tensor->name, tensor->offset}, "has not one row a neuron");
        detail::tensor_edit edited(path, *tensor, weights, name);
        for (; at != factors.end() && at->first.layer == name.layer; ++at) {
            const auto row = static_cast<std::size_t>(at->first.neuron);
            edited.scale(row, read(*tensor, weights, row), at->second, prepared.patches);
        }
        prepared.changes.tensors.push_back(edited.finish());
    }
    return prepared;
}

}  // namespace unloop::inline v0

#endif
