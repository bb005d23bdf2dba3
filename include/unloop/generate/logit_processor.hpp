// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Logit processors: the steps between a model's logits and the distribution that a token is drawn from.
#ifndef UNLOOP_GENERATE_LOGIT_PROCESSOR_HPP
#define UNLOOP_GENERATE_LOGIT_PROCESSOR_HPP

#include <unloop/core/ids.hpp>

#include <concepts>  // same_as
#include <limits>    // infinity
#include <span>      // logits

namespace unloop::inline v0 {

/// `void operator()(std::span<const token_id> context, std::span<float> logits) const` rewrites the logits of one
/// position, [vocabulary]; context: prompt and generated tokens so far. A token with `banned_logit` is never drawn.
/// One processor serves all rows, from several threads at once, so it keeps no state between calls.
template <class Processor>
concept logit_processor =
    requires(const Processor& process, std::span<const token_id> context, std::span<float> logits) {
        { process(context, logits) } -> std::same_as<void>;
    };

inline constexpr float banned_logit = -std::numeric_limits<float>::infinity();

}  // namespace unloop::inline v0

#endif
