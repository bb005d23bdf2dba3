// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Top-p: the most probable tokens that together make up a share of the probability stay.
#ifndef UNLOOP_GENERATE_TOP_P_HPP
#define UNLOOP_GENERATE_TOP_P_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/distribution.hpp>
#include <unloop/generate/logit_processor.hpp>

#include <algorithm>  // sort
#include <cstddef>    // size_t
#include <vector>     // order

namespace unloop::inline v0 {

/// Bans the tokens whose probability, summed from the least probable up to and including them, is at most 1 - share;
/// one token always stays. Of equally probable tokens the lower ids stay (transformers leaves that to an unstable
/// sort). Source: Holtzman and others, "The curious case of neural text degeneration", arXiv 1904.09751, section 3.1.
/// O(n log n) in the tokens that are not banned yet.
struct top_p {
    float share = 0.95F;  ///< from 0 to 1

    void operator()(std::span<const token_id> /*context*/, std::span<float> logits) const {
        expects(share >= 0 && share <= 1, "top_p: a share from 0 to 1");
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < logits.size(); ++i)
            if (logits[i] > banned_logit) order.push_back(i);
        if (order.empty()) return;
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return logits[a] != logits[b] ? logits[a] < logits[b] : a > b; });
        const std::vector<double> probabilities = probabilities_of(logits);
        order.pop_back();
        double sum = 0;
        for (const std::size_t i : order) {
            sum += probabilities[i];
            if (sum > 1 - static_cast<double>(share)) break;
            logits[i] = banned_logit;
        }
    }
};
static_assert(logit_processor<top_p>);

}  // namespace unloop::inline v0

#endif
