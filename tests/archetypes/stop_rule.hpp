// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest stop rule: copies, and one member.
#ifndef UNLOOP_ARCHETYPES_STOP_RULE_HPP
#define UNLOOP_ARCHETYPES_STOP_RULE_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>

#include <optional>     // a finding, or none
#include <string_view>  // pieces of text

namespace archetypes {

/// Stops at one token. Not default-constructible, not comparable.
class stop_rule {
  public:
    explicit stop_rule(unloop::token_id at) : at_(at) {}
    std::optional<unloop::finding> observe(unloop::token_id token, std::string_view /*piece*/) {
        return token == at_ ? std::optional(unloop::finding{}) : std::nullopt;
    }

  private:
    unloop::token_id at_;
};

}  // namespace archetypes

#endif
