// expect: stop_rule: needs copies, one for each answer that runs; see docs/concepts/stop_rule.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A rule that cannot be copied.
#include <unloop/generate/stop_rule.hpp>

#include <optional>     // a finding, or none
#include <string_view>  // pieces of text

struct rule {
    rule() = default;
    rule(const rule&) = delete;
    std::optional<unloop::finding> observe(unloop::token_id, std::string_view) { return std::nullopt; }
};

void use() { unloop::require_stop_rule<rule>(); }
