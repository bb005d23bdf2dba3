// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it may not.
#include <laws/edit_plan.hpp>

#include <span>  // targets

struct edit {
    unloop::plan operator()(std::span<const unloop::target_id> targets) const { return unloop::suppress(targets); }
};

bool use() { return laws::broken_edit_operator_laws(edit{}).empty(); }
