// expect: loop_detector: needs std::optional<unloop::finding> observe(unloop::token_id)
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A detector that answers yes or no.
#include <unloop/detect/find_loop.hpp>

#include <optional>  // a finding, or none
#include <span>      // tokens

struct detector {
    void reset() {}
    bool observe(unloop::token_id) { return false; }
};

void use() { unloop::require_loop_detector<detector>(); }
