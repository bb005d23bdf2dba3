// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The laws of checkpoints as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_CHECKPOINT_HPP
#define UNLOOP_LAWS_CHECKPOINT_HPP

#include <unloop/io/checkpoint.hpp>

#include <algorithm>  // equal
#include <cstddef>    // byte
#include <map>        // parts by place
#include <set>        // names
#include <span>       // parameters
#include <string>     // names of broken laws
#include <utility>    // pair
#include <vector>     // what is broken

namespace laws {

namespace detail {

template <class Checkpoint>
bool keeps_names(const Checkpoint& file) {
    std::set<std::string> names;
    for (const unloop::stored_tensor& tensor : file.tensors())
        if (file.find(tensor.name) != &tensor || !names.insert(tensor.name).second) return false;
    return file.find("a name that no tensor has") == nullptr;
}

/// `edited` and `other` are the same files, opened twice.
template <class Checkpoint>
bool keeps_privacy(Checkpoint& edited, const Checkpoint& other) {
    for (const unloop::stored_tensor& tensor : edited.tensors()) {
        const std::span<std::byte> bytes = edited.writable(tensor);
        if (!tensor.format || bytes.empty()) continue;
        const unloop::weight_view before = other.weights(*other.find(tensor.name));
        const std::vector<std::byte> kept(before.row(0).begin(), before.row(0).end());
        bytes[0] ^= std::byte{1};
        const auto row = edited.weights(tensor).row(0);
        const bool shows = row[0] == (kept[0] ^ std::byte{1});
        const bool is_private = std::equal(kept.begin(), kept.end(), before.row(0).begin());
        bytes[0] ^= std::byte{1};
        if (!shows || !is_private) return false;
    }
    return true;
}

template <class Checkpoint>
bool keeps_parts(const Checkpoint& file, std::span<const unloop::parameter_name> parameters) {
    std::map<std::string, std::size_t> counts;
    std::set<std::pair<std::string, std::size_t>> taken;
    for (const unloop::parameter_name parameter : parameters) {
        const unloop::tensor_part part = locate(file, parameter);
        const unloop::stored_tensor* const tensor = file.find(part.tensor);
        if (tensor == nullptr || part.index >= part.count || file.weights(*tensor).rows % part.count != 0) return false;
        if (counts.try_emplace(part.tensor, part.count).first->second != part.count) return false;
        if (!taken.emplace(part.tensor, part.index).second) return false;
    }
    return true;
}

}  // namespace detail

/// The broken laws of the checkpoint that each call of `open` opens anew, for `parameters` that it has; empty if it
/// keeps them all. Its weights are edited in memory and put back.
template <class Open>
[[nodiscard]] std::vector<std::string> broken_checkpoint_laws(const Open& open,
                                                              std::span<const unloop::parameter_name> parameters) {
    auto first = open();
    const auto second = open();
    static_assert(unloop::checkpoint_file<decltype(first)>,
                  "checkpoint_file: needs path, find, tensors, path_of, weights, writable, and read_config, "
                  "read_tokenizer, locate and is_foreign beside it; see docs/concepts/checkpoint.md");
    std::vector<std::string> broken;
    if (!detail::keeps_names(second)) broken.push_back("names");
    if (!detail::keeps_privacy(first, second)) broken.push_back("privacy");
    if (!detail::keeps_parts(second, parameters)) broken.push_back("parts");
    return broken;
}

}  // namespace laws

#endif
