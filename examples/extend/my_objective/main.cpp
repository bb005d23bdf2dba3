// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest objective of one's own, used as any other is, and checked with the laws that it claims.
#include <unloop/attribute.hpp>

#include <laws/objective.hpp>

#include <iostream>
#include <span>
#include <vector>

// [objective]
/// By how much the repeating token's logit exceeds that of one other token.
struct logit_difference {
    unloop::token_id other;

    double value(std::span<const float> logits, const unloop::decision& at) const {
        const auto logit = [&](unloop::token_id token) { return double{logits[static_cast<std::size_t>(token)]}; };
        return logit(at.loop) - logit(other);
    }
    std::vector<unloop::logit_weight> gradient(std::span<const float> /*logits*/, const unloop::decision& at) const {
        return {{at.loop, 1.0}, {other, -1.0}};
    }
};
static_assert(unloop::decision_objective<logit_difference>);
// [/objective]

int main() {
    // [laws]
    const auto broken = laws::broken_objective_laws(logit_difference{7});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    const std::vector<float> logits{1.0F, 3.5F, -2.0F};
    const unloop::decision at{.position = 10, .loop = 1, .alternatives = {0}};
    std::cout << logit_difference{2}.value(logits, at) << '\n';
    return broken.empty() ? 0 : 1;
}
