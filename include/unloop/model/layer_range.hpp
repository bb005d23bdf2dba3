// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which layers a token is computed in, and from whom it has the others.
#ifndef UNLOOP_MODEL_LAYER_RANGE_HPP
#define UNLOOP_MODEL_LAYER_RANGE_HPP

#include <compare>  // order
#include <cstddef>  // size_t

namespace unloop::inline v0 {

/// Which part of the layers a pass runs: all, or from the feed-forward or attention of some layer on. The greater of
/// two is the one that begins later.
struct layer_range {
    std::size_t first = 0;
    bool skip_first_attention = false;  ///< the stream given already holds the attention of layer `first`

    friend auto operator<=>(const layer_range&, const layer_range&) = default;
};

/// Every layer, and none of any model.
inline constexpr layer_range all_layers{}, no_layers{static_cast<std::size_t>(-1), false};

/// A token of a pass that is computed in the layers `own` alone. Before them it is what the pass's token number
/// `leader` is: both have the same position, and the rows of both the same tokens up to there.
struct token_join {
    std::size_t leader = 0;
    layer_range own;
};

}  // namespace unloop::inline v0

#endif
