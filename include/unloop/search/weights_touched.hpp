// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How many weights of a file a plan changes: the size of an edit, whatever kinds of target it names.
#ifndef UNLOOP_SEARCH_WEIGHTS_TOUCHED_HPP
#define UNLOOP_SEARCH_WEIGHTS_TOUCHED_HPP

#include <unloop/edit/edited_rows.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// Weights in the rows, or parts of rows, that the plan's targets are; each counts once, and masks count none, because
/// no weights say them. Throws `error` when a tensor is missing. O(rows).
template <checkpoint_file Checkpoint>
[[nodiscard]] std::size_t weights_touched(const plan& edited, const decoder_config& config, const Checkpoint& file) {
    plan scaled;
    for (const target_edit& edit : edited.edits)
        if (edit.kind == edit_kind::scale) scaled.edits.push_back(edit);
    std::size_t touched = 0;
    for (const auto& [name, parameter] : detail::edits_by_parameter(scaled, config, file)) {
        const stored_tensor* const tensor = file.find(locate(file, name).tensor);
        if (tensor == nullptr) throw error({file.path(), locate(file, name).tensor, {}}, "is missing");
        const std::size_t columns = file.weights(*tensor).columns;
        for (const auto& [row, factors] : parameter.rows) touched += row.columns > 0 ? row.columns : columns;
    }
    return touched;
}

}  // namespace unloop::inline v0

#endif
