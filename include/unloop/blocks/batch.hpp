// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The tokens of one forward pass: a flat list over rows of different lengths, prompts and single steps mixed.
#ifndef UNLOOP_BLOCKS_BATCH_HPP
#define UNLOOP_BLOCKS_BATCH_HPP

#include <unloop/core/ids.hpp>

#include <cstdint>  // int32_t

namespace unloop::inline v0 {

/// One token of a pass. Tokens of one row stand in ascending order of position, and all earlier positions of the row
/// are in its cache already or earlier in the list.
struct batch_token {
    token_id token = 0;
    std::int32_t row = 0;       ///< which sequence (slot of the cache)
    std::int32_t position = 0;  ///< place in the sequence, counted from 0
    bool wants_logits = false;  ///< logits of other tokens are not computed
};

}  // namespace unloop::inline v0

#endif
