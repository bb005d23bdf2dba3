// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Repetition penalty: tokens of the context become less probable.
#ifndef UNLOOP_GENERATE_REPETITION_PENALTY_HPP
#define UNLOOP_GENERATE_REPETITION_PENALTY_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/logit_processor.hpp>

#include <bitset>   // tokens seen
#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// Divides the positive and multiplies the negative logits of the context's tokens, prompt included, once for every
/// distinct token. Source: Keskar and others, "CTRL", arXiv 1909.05858, section 4.1. O(context + vocabulary / 64).
struct repetition_penalty {
    float factor = 1.0F;  ///< above 0; 1 changes nothing

    void operator()(std::span<const token_id> context, std::span<float> logits) const {
        expects(factor > 0, "repetition_penalty: the factor is above 0");
        // A part of the vocabulary at a time, so that what was seen has a place on the stack.
        constexpr std::size_t part = 1U << 16U;
        for (std::size_t first = 0; first < logits.size(); first += part) {
            std::bitset<part> seen;
            for (const token_id token : context) {
                const auto id = static_cast<std::size_t>(token);
                expects(id < logits.size(), "repetition_penalty: tokens of the vocabulary");
                if (id - first >= part || seen[id - first]) continue;
                seen.set(id - first);
                logits[id] = logits[id] < 0 ? logits[id] * factor : logits[id] / factor;
            }
        }
    }
};
static_assert(logit_processor<repetition_penalty>);

}  // namespace unloop::inline v0

#endif
