// expect: search_strategy: needs std::vector<unloop::plan> propose(const unloop::localization&, const
// expect: unloop::search_state&); see docs/concepts/search_strategy.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A strategy that looks at the scores of one method.
#include <unloop/search/search.hpp>

#include <vector>  // plans

#include "compile_fail/any_model.hpp"

struct strategy {
    std::vector<unloop::plan> propose(const unloop::target_scores&, const unloop::search_state&) { return {}; }
};

unloop::search_result use(const any_model& model, const unloop::localization& found) {
    return unloop::search(model, found, {}, {}, strategy{}, unloop::search_budget{});
}
