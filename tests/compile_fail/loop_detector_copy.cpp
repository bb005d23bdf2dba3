// expect: loop_detector: needs copies, one for each answer that runs; see docs/concepts/loop_detector.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A detector that cannot be copied.
#include <unloop/detect/find_loop.hpp>

#include <optional>  // a finding, or none
#include <span>      // tokens

struct detector {
    detector() = default;
    detector(const detector&) = delete;
    void reset() {}
    std::optional<unloop::finding> observe(unloop::token_id) { return std::nullopt; }
};

void use() { unloop::require_loop_detector<detector>(); }
