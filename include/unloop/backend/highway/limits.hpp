// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Two loops that do nothing else: multiply-adds in registers and reads from memory, the limits that kernels are held
// to. Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_LIMITS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_LIMITS_HPP
#undef UNLOOP_BACKEND_HIGHWAY_LIMITS_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_LIMITS_HPP
#endif

#include <unloop/backend/highway/lanes.hpp>
#include <unloop/backend/highway/prefetch.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// Twelve different chains of `repeats` multiply-adds of whole vectors, for equal ones might be computed once; the
/// number of float operations goes to `operations`. Returns the chains' sum, so that nothing is left out.
inline float multiply_adds(std::size_t repeats, double* operations) {
    constexpr std::size_t chains = 12;
    const lane_vector factor = hn::Set(lane_tag(), 0.999F), addend = hn::Set(lane_tag(), 0.001F);
    lane_vector sums[chains];
    for (std::size_t c = 0; c < chains; ++c) sums[c] = hn::Set(lane_tag(), static_cast<float>(c));
    for (std::size_t n = 0; n < repeats; ++n)
        for (lane_vector& sum : sums) sum = hn::MulAdd(sum, factor, addend);
    for (std::size_t c = 1; c < chains; ++c) sums[0] = hn::Add(sums[0], sums[c]);
    *operations = 2.0 * chains * static_cast<double>(repeats * vector_lanes);
    return hn::GetLane(sums[0]);
}

/// Reads `bytes` bytes in order, a multiple of 256, and returns the sum of their bits.
inline std::uint32_t read_all(const std::byte* from, std::size_t bytes) {
    const hn::Rebind<std::uint32_t, lane_tag> tag;
    constexpr std::size_t vectors = 256 / (vector_lanes * sizeof(float)), chains = vectors < 4 ? vectors : 4;
    hn::Vec<decltype(tag)> sums[chains];
    for (auto& sum : sums) sum = hn::Zero(tag);
    for (std::size_t at = 0; at < bytes; at += 256) {
        for (std::size_t line = 0; line < 256; line += 64) prefetch_second_cache(from + at, 4096 + line);
        for (std::size_t v = 0; v < vectors; ++v)
            sums[v % chains] = hn::Add(
                sums[v % chains],
                hn::LoadU(tag, reinterpret_cast<const std::uint32_t*>(from + at + v * vector_lanes * sizeof(float))));
    }
    for (std::size_t c = 1; c < chains; ++c) sums[0] = hn::Add(sums[0], sums[c]);
    return hn::GetLane(sums[0]);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
