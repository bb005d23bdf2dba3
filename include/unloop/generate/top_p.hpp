// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Top-p: the most probable tokens that together make up a share of the probability stay.
#ifndef UNLOOP_GENERATE_TOP_P_HPP
#define UNLOOP_GENERATE_TOP_P_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/distribution.hpp>
#include <unloop/generate/logit_processor.hpp>
#include <unloop/generate/logit_threshold.hpp>

namespace unloop::inline v0 {

/// Bans a token when those that are more probable make up the share; one token always stays. Of equally probable tokens
/// the lower ids stay (transformers leaves that to an unstable sort). Source: Holtzman and others, "The curious case of
/// neural text degeneration", arXiv 1904.09751, section 3.1. O(vocabulary), nothing is sorted.
struct top_p {
    float share = 0.95F;  ///< from 0 to 1

    void operator()(std::span<const token_id> /*context*/, std::span<float> logits) const {
        expects(share >= 0 && share <= 1, "top_p: a share from 0 to 1");
        const relative_probability weight(logits);
        if (!weight.any()) return;
        double sum = 0;
        for (const float logit : logits) sum += weight(logit);
        const double wanted = static_cast<double>(share) * sum;
        const auto [last_kept, above] = find_logit_threshold(logits, wanted, weight);
        double kept = above;
        for (float& logit : logits) {
            if (logit > last_kept) continue;
            // What is more probable, and equals with lower ids, stand before it.
            const bool stays = logit == last_kept && (kept < wanted || kept == 0);
            if (stays)
                kept += weight(logit);
            else
                logit = banned_logit;
        }
    }
};
static_assert(logit_processor<top_p>);

}  // namespace unloop::inline v0

#endif
