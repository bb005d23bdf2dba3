// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Top-k: the most probable tokens stay.
#ifndef UNLOOP_GENERATE_TOP_K_HPP
#define UNLOOP_GENERATE_TOP_K_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/logit_processor.hpp>
#include <unloop/generate/logit_threshold.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// Bans what is less probable than the k-th token; all that equal it stay. O(vocabulary), nothing is sorted.
struct top_k {
    std::size_t count = 64;  ///< at least 1

    void operator()(std::span<const token_id> /*context*/, std::span<float> logits) const {
        expects(count > 0, "top_k: at least one token");
        if (count >= logits.size()) return;
        const float last_kept =
            find_logit_threshold(logits, static_cast<double>(count), [](float /*logit*/) { return 1.0; }).logit;
        for (float& logit : logits)
            if (logit < last_kept) logit = banned_logit;
    }
};
static_assert(logit_processor<top_k>);

}  // namespace unloop::inline v0

#endif
