// expect: position_choice: needs bool covers(const unloop::recorded_run&, std::size_t position) const; see
// expect: docs/concepts/positions.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Positions that want no run.
#include <unloop/attribute/positions.hpp>

struct every_other {
    static constexpr std::string_view name = "every_other";
    bool covers(std::size_t position) const { return position % 2 == 0; }
};

void use() { unloop::require_position_choice<every_other>(); }
