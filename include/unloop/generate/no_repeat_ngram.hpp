// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// No n-gram twice: tokens that would complete one of the context are banned.
#ifndef UNLOOP_GENERATE_NO_REPEAT_NGRAM_HPP
#define UNLOOP_GENERATE_NO_REPEAT_NGRAM_HPP

#include <unloop/core/expects.hpp>
#include <unloop/generate/logit_processor.hpp>

#include <algorithm>  // equal
#include <cstddef>    // size_t

namespace unloop::inline v0 {

/// Prompt included. Source: Paulus and others, "A deep reinforced model for abstractive summarization", arXiv
/// 1705.04304, section 2.5. O(context * size).
struct no_repeat_ngram {
    std::size_t size = 3;  ///< tokens of an n-gram, at least 1

    void operator()(std::span<const token_id> context, std::span<float> logits) const {
        expects(size > 0, "no_repeat_ngram: at least one token");
        if (context.size() < size) return;
        const auto beginning = context.last(size - 1);
        for (std::size_t i = 0; i + size <= context.size(); ++i) {
            if (!std::equal(beginning.begin(), beginning.end(), context.subspan(i).begin())) continue;
            const auto completing = static_cast<std::size_t>(context[i + size - 1]);
            expects(completing < logits.size(), "no_repeat_ngram: tokens of the vocabulary");
            logits[completing] = banned_logit;
        }
    }
};
static_assert(logit_processor<no_repeat_ngram>);

}  // namespace unloop::inline v0

#endif
