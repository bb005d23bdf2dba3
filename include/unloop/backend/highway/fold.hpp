// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Many sums of sixteen lanes folded at once: the tree of `sum_lanes`, with a vector of results instead of one.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_FOLD_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_FOLD_HPP
#undef UNLOOP_BACKEND_HIGHWAY_FOLD_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_FOLD_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// Sums that `fold_block` folds at once; four of them are neighbours in its result.
inline constexpr std::size_t fold_count = vector_lanes < 4 ? 4 : vector_lanes;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void fold_block(const step_values* sums, float* out) {
    for (std::size_t i = 0; i < fold_count; ++i) out[i] = sum_lanes(sums[i]);
}
#else

// What stays where it is is picked by a blend, and what is added to it comes by one shuffle: processors have more
// places for blends than for shuffles.

/// Within blocks of four lanes: (a0 a1 a2 a3), (b0 ..) becomes (a0+a2 a1+a3 b0+b2 b1+b3).
HWY_INLINE lane_vector fold_distance_2(lane_vector a, lane_vector b) {
    const hn::Repartition<double, lane_tag> pairs;
    const auto left = hn::BitCast(pairs, a), right = hn::BitCast(pairs, b);
    return hn::Add(hn::BitCast(lane_tag(), hn::OddEven(right, left)),
                   hn::BitCast(lane_tag(), hn::CombineShiftRightBytes<8>(pairs, right, left)));
}

/// (a0 a1 a2 a3), (b0 ..) becomes (a0+a1 b0+b1 a2+a3 b2+b3).
HWY_INLINE lane_vector fold_distance_1(lane_vector a, lane_vector b) {
    return hn::Add(hn::OddEven(b, a), hn::Shuffle2301(hn::OddEven(a, b)));
}

/// Four sums, folded within the blocks of four lanes to one lane each, in the order given.
HWY_INLINE lane_vector fold_quads(const lane_vector* sums) {
    return fold_distance_1(fold_distance_2(sums[0], sums[2]), fold_distance_2(sums[1], sums[3]));
}

/// Halves of a vector: (lower, upper) of a and of b becomes (a's lower + upper, b's lower + upper).
HWY_INLINE lane_vector fold_halves(lane_vector a, lane_vector b) {
    return hn::Add(hn::ConcatUpperLower(lane_tag(), b, a), hn::ConcatLowerUpper(lane_tag(), b, a));
}

/// Sums i, i + 4, ... of `fold_count`, folded to four lanes each.
HWY_INLINE lane_vector fold_to_quads(const step_values* sums, std::size_t i) {
    if constexpr (vector_lanes == 4) {
        return fold_vectors(sums[i]);
    } else if constexpr (vector_lanes == 8) {
        return fold_halves(fold_vectors(sums[i]), fold_vectors(sums[i + 4]));
    } else {
        const lane_vector ab = fold_halves(sums[i].part[0], sums[i + 8].part[0]);
        const lane_vector cd = fold_halves(sums[i + 4].part[0], sums[i + 12].part[0]);
        return hn::Add(hn::OddEvenBlocks(cd, ab), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(ab, cd)));
    }
}

/// out[i] = sum_lanes(sums[i]) for `fold_count` sums.
HWY_INLINE void fold_block(const step_values* sums, float* out) {
    const lane_vector quads[4] = {fold_to_quads(sums, 0), fold_to_quads(sums, 1), fold_to_quads(sums, 2),
                                  fold_to_quads(sums, 3)};
    hn::StoreU(fold_quads(quads), lane_tag(), out);
}
#endif

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
