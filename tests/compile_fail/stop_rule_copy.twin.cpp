// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it can.
#include <unloop/generate/stop_rule.hpp>

#include <optional>     // a finding, or none
#include <string_view>  // pieces of text

struct rule {
    rule() = default;
    std::optional<unloop::finding> observe(unloop::token_id, std::string_view) { return std::nullopt; }
};

void use() { unloop::require_stop_rule<rule>(); }
