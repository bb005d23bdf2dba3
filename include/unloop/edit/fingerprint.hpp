// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which model a plan was made for: its family and dimensions, and the hash of the rows that the plan touches.
#ifndef UNLOOP_EDIT_FINGERPRINT_HPP
#define UNLOOP_EDIT_FINGERPRINT_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/edited_rows.hpp>
#include <unloop/model/decoder_config.hpp>

#include <cstddef>  // size_t
#include <string>   // names
#include <vector>   // layers

namespace unloop::inline v0 {

/// Touched rows of one parameter before the edit.
struct rows_fingerprint {
    parameter_name parameter;
    std::string format;  ///< of the tensor's numbers: the same weights in another format have another hash
    std::string sha256;  ///< over the rows that the plan names, ascending, one after the other
    friend bool operator==(const rows_fingerprint&, const rows_fingerprint&) = default;
};

struct plan_fingerprint {
    std::string family;
    std::size_t hidden = 0;
    std::size_t vocabulary = 0;
    std::vector<layer_dimensions> layers;
    std::vector<rows_fingerprint> rows;  ///< ascending; empty: a plan for any file of these dimensions
    friend bool operator==(const plan_fingerprint&, const plan_fingerprint&) = default;
};

/// Family and dimensions alone.
[[nodiscard]] inline plan_fingerprint fingerprint_of(const decoder_config& config) {
    return {config.family, config.hidden, config.vocabulary, dimensions_of(config), {}};
}

/// With the rows that `edits` touches, as they now are in memory. Throws `error` as `prepare_edit` does.
template <checkpoint_file Checkpoint>
[[nodiscard]] plan_fingerprint fingerprint_of(const plan& edits, const Checkpoint& file) {
    plan_fingerprint made = fingerprint_of(read_config(file));
    for (const tensor_change& change : prepare_edit(edits, file).changes.tensors)
        made.rows.push_back({change.parameter, change.format, change.hash_before});
    return made;
}

/// Throws `error` naming what differs when the model of `config` has another family or other dimensions.
inline void check_dimensions(const plan_fingerprint& wanted, const decoder_config& config) {
    const plan_fingerprint found = fingerprint_of(config);
    const auto refuse = [](const std::string& what, const auto& asked, const auto& has) {
        throw error("the plan is for a model of " + what + " " + asked + ", this one has " + has);
    };
    if (wanted.family != found.family) refuse("family", wanted.family, found.family);
    const auto compare = [&](const std::string& what, std::size_t asked, std::size_t has) {
        if (asked != has) refuse(what, std::to_string(asked), std::to_string(has));
    };
    compare("hidden size", wanted.hidden, found.hidden);
    compare("vocabulary", wanted.vocabulary, found.vocabulary);
    compare("layers", wanted.layers.size(), found.layers.size());
    for (std::size_t i = 0; i < found.layers.size(); ++i) {
        const std::string layer = " in layer " + std::to_string(i);
        for (const named_dimension& dimension : named_dimensions)
            if (wanted.layers[i].*dimension.value != 0 || !dimension.may_be_untold)
                compare(std::string(dimension.name) + layer, wanted.layers[i].*dimension.value,
                        found.layers[i].*dimension.value);
    }
}

/// Throws `error` naming the tensor when rows that `edits` touches are not those that the plan was made for: the file
/// has other weights, another format, or is edited already. Without hashes in `wanted` nothing is compared.
template <checkpoint_file Checkpoint>
void check_rows(const plan_fingerprint& wanted, const plan& edits, const Checkpoint& file) {
    if (wanted.rows.empty()) return;
    const plan_fingerprint found = fingerprint_of(edits, file);
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (i >= wanted.rows.size() || wanted.rows[i] != found.rows[i])
            throw error({file.path(), locate(file, found.rows[i].parameter).tensor, {}},
                        "the rows that the plan edits are not those that it was made for; apply it without this check "
                        "(--rebase) if that is meant");
    if (wanted.rows.size() != found.rows.size())
        throw error({file.path(), {}, {}}, "the plan's fingerprint names rows that it does not edit");
}

}  // namespace unloop::inline v0

#endif
