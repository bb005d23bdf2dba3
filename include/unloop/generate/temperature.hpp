// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Temperature: logits divided by a number, so that low ones sharpen the distribution.
#ifndef UNLOOP_GENERATE_TEMPERATURE_HPP
#define UNLOOP_GENERATE_TEMPERATURE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/logit_processor.hpp>

namespace unloop::inline v0 {

struct temperature {
    float value = 1.0F;  ///< above 0

    void operator()(std::span<const token_id> /*context*/, std::span<float> logits) const {
        expects(value > 0, "temperature: above 0; greedy decoding is a sampler of its own");
        for (float& logit : logits) logit /= value;
    }
};
static_assert(logit_processor<temperature>);

}  // namespace unloop::inline v0

#endif
