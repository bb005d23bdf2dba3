// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// From a plan to bytes: which rows of which tensors it touches, what stands there, and what will.
#ifndef UNLOOP_EDIT_EDITED_ROWS_HPP
#define UNLOOP_EDIT_EDITED_ROWS_HPP

#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/edited_tensor.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/edit/target_weights.hpp>
#include <unloop/io/checkpoint.hpp>
#include <unloop/io/patched_copy.hpp>

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

/// What now stands in row `row` of a tensor: `read(tensor, weights, row)`.
template <class Read>
concept row_reader = requires(const Read& read, const stored_tensor& tensor, const weight_view& weights) {
    { read(tensor, weights, std::size_t{}) } -> std::convertible_to<std::span<const std::byte>>;
};

/// Rows as they lie in the mapping, edits in memory included. Throws `error` when the tensor has no such row.
struct read_mapped_row {
    std::span<const std::byte> operator()(const stored_tensor& tensor, const weight_view& weights,
                                          std::size_t row) const {
        if (row >= weights.rows)
            throw error({{}, tensor.name, tensor.offset}, "there is no row " + std::to_string(row));
        return weights.row(row);
    }
};

namespace detail {

/// What a plan does to one parameter: the factors of each touched row, in the order written, and the extents that
/// the parameter must have.
struct parameter_edit {
    std::map<row_part, std::vector<float>> rows;
    std::vector<column_copy> copies;  ///< of whole columns, in the order written
    parameter_shape whole;
};

template <checkpoint_file Checkpoint>
[[nodiscard]] std::map<parameter_name, parameter_edit> edits_by_parameter(const plan& edits,
                                                                          const decoder_config& config,
                                                                          const Checkpoint& file) {
    std::map<parameter_name, parameter_edit> sorted;
    for (const target_edit& edit : edits.edits) {
        if (edit.kind == edit_kind::mask)
            throw error(to_string(edit) + ": no weights say that; suppress the expert, or run the plan as a tap");
        if (edit.kind == edit_kind::copy) {
            const auto& id = std::get<neuron_id>(edit.target);
            const layer_traits& layer = config.layers[static_cast<std::size_t>(id.layer)];
            parameter_edit& down = sorted[{id.layer, parameter_role::down}];
            down.whole = {layer.hidden, layer.mlp_width};
            down.copies.push_back({static_cast<std::size_t>(id.neuron), static_cast<std::size_t>(edit.from)});
            continue;
        }
        const target_weights weights =
            std::visit([&](const auto& id) { return weights_of(id, config, file); }, edit.target);
        parameter_edit& parameter = sorted[weights.parameter];
        parameter.whole = weights.whole;
        for (std::size_t i = 0; i < weights.rows; ++i)
            parameter.rows[{weights.column, weights.columns, weights.row + i}].push_back(edit.factor);
    }
    return sorted;
}

}  // namespace detail

/// Works out what `edits` does to the weights of `file`, and writes nothing. Throws `error` when the plan does not fit
/// the model (see `check_plan`) or masks experts, when a tensor is missing or of a format or shape that cannot be
/// edited, or when a factor makes a weight infinite.
template <checkpoint_file Checkpoint, row_reader Read = read_mapped_row>
[[nodiscard]] prepared_edit prepare_edit(const plan& edits, const Checkpoint& file, const Read& read = {}) {
    const decoder_config config = read_config(file);
    check_plan(edits, config);
    prepared_edit prepared;
    prepared.changes.source = file.path();
    for (const auto& [name, edit] : detail::edits_by_parameter(edits, config, file)) {
        const tensor_part part = locate(file, name);
        const stored_tensor* const tensor = file.find(part.tensor);
        if (tensor == nullptr) throw error({file.path(), part.tensor, {}}, "there is no such tensor");
        detail::edited_tensor edited(file.path_of(*tensor), *tensor, file.weights(*tensor), part, name);
        edited.check(edit.whole);
        for (const auto& [row, factors] : edit.rows) edited.scale(row, factors, read, prepared.patches);
        for (const detail::column_copy& columns : edit.copies) edited.copy(columns, read, prepared.patches);
        prepared.changes.tensors.push_back(edited.finish());
    }
    return prepared;
}

}  // namespace unloop::inline v0

#endif
