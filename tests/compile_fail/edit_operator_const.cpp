// expect: edit_operator: needs unloop::plan operator()(
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// An operator that may change itself.
#include <laws/edit_plan.hpp>

#include <span>  // targets

struct edit {
    unloop::plan operator()(std::span<const unloop::target_id> targets) { return unloop::suppress(targets); }
};

bool use() { return laws::broken_edit_operator_laws(edit{}).empty(); }
