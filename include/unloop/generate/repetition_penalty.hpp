// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Repetition penalty: tokens of the context become less probable.
#ifndef UNLOOP_GENERATE_REPETITION_PENALTY_HPP
#define UNLOOP_GENERATE_REPETITION_PENALTY_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/logit_processor.hpp>

#include <algorithm>  // sort
#include <cstddef>    // size_t
#include <vector>     // distinct tokens

namespace unloop::inline v0 {

/// Divides the positive and multiplies the negative logits of the context's tokens, prompt included, once for every
/// distinct token. Source: Keskar and others, "CTRL", arXiv 1909.05858, section 4.1. O(n log n) in the context.
struct repetition_penalty {
    float factor = 1.0F;  ///< above 0; 1 changes nothing

    void operator()(std::span<const token_id> context, std::span<float> logits) const {
        expects(factor > 0, "repetition_penalty: the factor is above 0");
        std::vector<token_id> distinct(context.begin(), context.end());
        std::sort(distinct.begin(), distinct.end());
        distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
        for (const token_id token : distinct) {
            expects(static_cast<std::size_t>(token) < logits.size(), "repetition_penalty: tokens of the vocabulary");
            float& logit = logits[static_cast<std::size_t>(token)];
            logit = logit < 0 ? logit * factor : logit / factor;
        }
    }
};
static_assert(logit_processor<repetition_penalty>);

}  // namespace unloop::inline v0

#endif
