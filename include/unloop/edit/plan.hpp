// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What is to be changed: targets and the factors that they are multiplied with, in the order in which they apply.
#ifndef UNLOOP_EDIT_PLAN_HPP
#define UNLOOP_EDIT_PLAN_HPP

#include <unloop/core/target.hpp>

#include <cstdint>  // int32_t, uint8_t
#include <string>   // where a plan came from
#include <utility>  // move
#include <vector>   // edits

namespace unloop::inline v0 {

enum class edit_kind : std::uint8_t {
    scale,  ///< the target's output is multiplied by the factor: 0 suppresses it, -1 inverts it
    copy,   ///< the neuron writes what neuron `from` of its layer writes: its column of `down` is replaced, no factor
    mask,   ///< the router never chooses the expert, and others take its place: no factor, and no weights say that
};

/// One target and what becomes of it. In weights a neuron is a row of `up`, an expert the factor that the model has for
/// it, or else its whole `down`, a head its columns of the attention's output projection.
struct target_edit {
    target_id target;
    float factor = 1.0F;
    edit_kind kind = edit_kind::scale;
    std::int32_t from = -1;  ///< of a copy
    friend bool operator==(const target_edit&, const target_edit&) = default;
};

/// Edits in the order in which they apply; several of one target compose. Means the same as a tap, in memory and in a
/// file.
struct plan {
    std::vector<target_edit> edits;
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
