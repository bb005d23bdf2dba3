// expect: loop_detector: needs void reset(); see docs/concepts/loop_detector.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A detector that cannot forget.
#include <unloop/detect/find_loop.hpp>

#include <optional>  // a finding, or none
#include <span>      // tokens

struct detector {
    std::optional<unloop::finding> observe(unloop::token_id) { return std::nullopt; }
};

std::optional<unloop::finding> use(std::span<const unloop::token_id> answer) {
    return unloop::find_loop(detector{}, answer);
}
