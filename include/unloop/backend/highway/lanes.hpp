// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Sixteen virtual lanes of float32: the one order of sums that every instruction set shares.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_LANES_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_LANES_HPP
#undef UNLOOP_BACKEND_HIGHWAY_LANES_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_LANES_HPP
#endif

#include <hwy/highway.h>

#include <cstddef>      // size_t
#include <cstring>      // memcpy
#include <type_traits>  // integral_constant

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Lane l of a sum takes the elements k with k % 16 == l in ascending order; the lanes are folded as a tree at the end
/// (l with l + 8, then + 4, + 2, + 1). Two AVX2 vectors, one AVX-512 vector and four SSE or Neon vectors therefore give
/// the same bits, as long as the target fuses multiply and add.
inline constexpr std::size_t lane_count = 16;

using lane_tag = hn::CappedTag<float, lane_count>;
using lane_vector = hn::Vec<lane_tag>;
inline constexpr std::size_t vector_lanes = hn::MaxLanes(lane_tag());
inline constexpr std::size_t vectors_a_step = lane_count / vector_lanes;

/// A number that the compiler knows.
template <std::size_t N>
using index = std::integral_constant<std::size_t, N>;

/// A vector that several operations use. GCC would rather read it from memory for each of them, and reading is then
/// what a register tile waits for.
HWY_INLINE lane_vector load_once(const float* from) {
    lane_vector value = hn::LoadU(lane_tag(), from);
#if HWY_COMPILER_GCC_ACTUAL && HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
    asm("" : "+v"(value.raw));
#endif
    return value;
}

/// Sixteen floats, in as many vectors as that takes.
struct step_values {
    lane_vector part[vectors_a_step];
};

HWY_INLINE step_values zero_step() {
    step_values zero;
    for (std::size_t v = 0; v < vectors_a_step; ++v) zero.part[v] = hn::Zero(lane_tag());
    return zero;
}

HWY_INLINE step_values load_step(const float* from) {
    step_values values;
    for (std::size_t v = 0; v < vectors_a_step; ++v) values.part[v] = hn::LoadU(lane_tag(), from + v * vector_lanes);
    return values;
}

/// The first `count` < 16 floats, the rest 0; reads nothing behind them.
HWY_INLINE step_values load_step_tail(const float* from, std::size_t count) {
    HWY_ALIGN float padded[lane_count] = {};
    std::memcpy(padded, from, count * sizeof(float));
    return load_step(padded);
}

HWY_INLINE void store_step(const step_values& values, float* to) {
    for (std::size_t v = 0; v < vectors_a_step; ++v) hn::StoreU(values.part[v], lane_tag(), to + v * vector_lanes);
}

/// sum += a * b, fused.
HWY_INLINE void multiply_add(const step_values& a, const step_values& b, step_values& sum) {
    for (std::size_t v = 0; v < vectors_a_step; ++v) sum.part[v] = hn::MulAdd(a.part[v], b.part[v], sum.part[v]);
}

HWY_INLINE lane_vector fold_vectors(step_values sum) {
    for (std::size_t n = vectors_a_step / 2; n > 0; n /= 2)
        for (std::size_t v = 0; v < n; ++v) sum.part[v] = hn::Add(sum.part[v], sum.part[v + n]);
    return sum.part[0];
}

#if HWY_TARGET == HWY_SCALAR  // has no halves
HWY_INLINE float fold_lanes(lane_tag, lane_vector sum) { return hn::GetLane(sum); }
#else
template <class Tag>
HWY_INLINE float fold_lanes(Tag, hn::Vec<Tag> sum) {
    if constexpr (hn::MaxLanes(Tag()) == 1) {
        return hn::GetLane(sum);
    } else {
        const hn::Half<Tag> half;
        return fold_lanes(half, hn::Add(hn::LowerHalf(half, sum), hn::UpperHalf(half, sum)));
    }
}
#endif

/// The sum of the sixteen lanes, as the tree above.
HWY_INLINE float sum_lanes(const step_values& sum) { return fold_lanes(lane_tag(), fold_vectors(sum)); }

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
