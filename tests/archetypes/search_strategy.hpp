// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest search strategy: one round with one plan.
#ifndef UNLOOP_ARCHETYPES_SEARCH_STRATEGY_HPP
#define UNLOOP_ARCHETYPES_SEARCH_STRATEGY_HPP

#include <unloop/edit/operators.hpp>
#include <unloop/search/search.hpp>

#include <vector>  // plans

namespace archetypes {

/// Silences the best candidate. Not default-constructible, and may change when it is asked.
class search_strategy {
  public:
    explicit search_strategy(int /*unused*/) {}
    std::vector<unloop::plan> propose(const unloop::localization& found, const unloop::search_state& /*state*/) {
        if (was_asked_ || found.exact.empty()) return {};
        was_asked_ = true;
        return {unloop::suppress(found.exact.front().edit.target)};
    }

  private:
    bool was_asked_ = false;
};

}  // namespace archetypes

#endif
