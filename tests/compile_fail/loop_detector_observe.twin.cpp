// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it answers with a finding.
#include <unloop/detect/find_loop.hpp>

#include <optional>  // a finding, or none
#include <span>      // tokens

struct detector {
    void reset() {}
    std::optional<unloop::finding> observe(unloop::token_id) { return std::nullopt; }
};

void use() { unloop::require_loop_detector<detector>(); }
