// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it takes the run.
#include <unloop/attribute/positions.hpp>

struct every_other {
    static constexpr std::string_view name = "every_other";
    bool covers(const unloop::recorded_run&, std::size_t position) const { return position % 2 == 0; }
};

void use() { unloop::require_position_choice<every_other>(); }
