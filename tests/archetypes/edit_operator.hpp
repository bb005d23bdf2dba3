// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest edit operator: one member, and nothing else.
#ifndef UNLOOP_ARCHETYPES_EDIT_OPERATOR_HPP
#define UNLOOP_ARCHETYPES_EDIT_OPERATOR_HPP

#include <unloop/edit/operators.hpp>

#include <span>  // targets

namespace archetypes {

/// Silences the first target. Neither copied nor default-constructible.
struct edit_operator {
    explicit edit_operator(int /*unused*/) {}
    edit_operator(const edit_operator&) = delete;
    edit_operator& operator=(const edit_operator&) = delete;
    unloop::plan operator()(std::span<const unloop::target_id> targets) const {
        return unloop::suppress(targets.empty() ? targets : targets.first(1));
    }
};

}  // namespace archetypes

#endif
