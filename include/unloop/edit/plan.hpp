// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What is to be changed: neurons and the factors that they are multiplied with, in the order in which they apply.
#ifndef UNLOOP_EDIT_PLAN_HPP
#define UNLOOP_EDIT_PLAN_HPP

#include <unloop/core/ids.hpp>

#include <string>   // where a plan came from
#include <utility>  // move
#include <vector>   // edits

namespace unloop::inline v0 {

/// One dense MLP neuron multiplied by `factor`: 0 suppresses it, -1 inverts it. In weights: a row of `up`.
struct neuron_edit {
    neuron_id target;
    float factor = 1.0F;
    friend constexpr bool operator==(const neuron_edit&, const neuron_edit&) = default;
};

/// Edits in the order in which they apply; several of one neuron compose. Means the same as a tap, in memory and in a
/// file.
struct plan {
    std::vector<neuron_edit> edits;
    std::string note;  ///< for people: what proposed the plan

    [[nodiscard]] bool empty() const noexcept { return edits.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return edits.size(); }
    friend bool operator==(const plan&, const plan&) = default;
};

/// First the edits of `first`, then those of `second`.
[[nodiscard]] inline plan operator+(plan first, const plan& second) {
    first.edits.insert(first.edits.end(), second.edits.begin(), second.edits.end());
    if (!first.note.empty() && !second.note.empty()) first.note += '\n';
    first.note += second.note;
    return first;
}

}  // namespace unloop::inline v0

#endif
