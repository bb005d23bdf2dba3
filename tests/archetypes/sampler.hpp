// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest sampler: it needs one backend only, and can be neither copied nor made without an argument.
#ifndef UNLOOP_ARCHETYPES_SAMPLER_HPP
#define UNLOOP_ARCHETYPES_SAMPLER_HPP

#include <unloop/generate/logit_processor.hpp>
#include <unloop/generate/sampler.hpp>
#include <unloop/kernels/kernel.hpp>

#include <span>  // logits

namespace archetypes {

/// The lowest token that is not banned.
struct sampler {
    explicit sampler(int /*unused*/) {}
    sampler(const sampler&) = delete;
    sampler& operator=(const sampler&) = delete;

    unloop::token_id choose(const unloop::reference& /*backend*/, std::span<const float> logits,
                            std::span<const unloop::token_id> /*context*/, unloop::draw_id /*draw*/) const {
        unloop::token_id token = 0;
        while (logits[static_cast<std::size_t>(token)] == unloop::banned_logit) ++token;
        return token;
    }
};

}  // namespace archetypes

#endif
