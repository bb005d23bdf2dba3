// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Min-p: tokens stay whose probability is not too small beside the largest.
#ifndef UNLOOP_GENERATE_MIN_P_HPP
#define UNLOOP_GENERATE_MIN_P_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/distribution.hpp>
#include <unloop/generate/logit_processor.hpp>

namespace unloop::inline v0 {

/// Bans the tokens with less than `share` of the largest probability. Source: Nguyen and others, "Turning up the heat",
/// arXiv 2407.01082. O(vocabulary).
struct min_p {
    float share = 0.05F;  ///< from 0 to 1

    void operator()(std::span<const token_id> /*context*/, std::span<float> logits) const {
        expects(share >= 0 && share <= 1, "min_p: a share from 0 to 1");
        const relative_probability weight(logits);
        for (float& logit : logits)
            if (weight(logit) < static_cast<double>(share)) logit = banned_logit;
    }
};
static_assert(logit_processor<min_p>);

}  // namespace unloop::inline v0

#endif
