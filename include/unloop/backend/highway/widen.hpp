// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How one block of each number format becomes float32 in registers.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_WIDEN_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_WIDEN_HPP
#undef UNLOOP_BACKEND_HIGHWAY_WIDEN_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_WIDEN_HPP
#endif

#include <hwy/cache_control.h>
#include <unloop/backend/highway/lanes.hpp>
#include <unloop/tensor/float16.hpp>
#include <unloop/tensor/format.hpp>

#include <cstring>  // memcpy

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// Steps of sixteen values that a unit of work holds: a block of a quantised format, else one step.
template <class Format>
inline constexpr std::size_t steps_a_unit = Format::block_values > lane_count ? Format::block_values / lane_count : 1;
template <class Format>
inline constexpr std::size_t unit_values = steps_a_unit<Format> * lane_count;
template <class Format>
inline constexpr std::size_t unit_bytes = unit_values<Format> / Format::block_values * Format::block_bytes;

/// Halves as floats. Where no instruction does that, Highway's own way knows neither infinity nor what is no number.
template <class Tag>
HWY_INLINE hn::Vec<Tag> widen_halves(Tag tag, hn::Vec<hn::Rebind<hwy::float16_t, Tag>> halves) {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
    constexpr std::size_t lanes = hn::MaxLanes(Tag());
    hwy::float16_t stored[lanes];
    hn::StoreU(halves, hn::Rebind<hwy::float16_t, Tag>(), stored);
    HWY_ALIGN float values[lanes];
    for (std::size_t i = 0; i < lanes; ++i) {
        float16 half;
        std::memcpy(&half.bits, stored + i, sizeof half.bits);
        values[i] = static_cast<float>(half);
    }
    return hn::Load(tag, values);
#else
    return hn::PromoteTo(tag, halves);
#endif
}

/// Broadcasts the float16 at `from`.
HWY_INLINE lane_vector broadcast_half(const std::byte* from) {
    const hn::Simd<float, 1, 0> one;
    const hn::Rebind<hwy::float16_t, decltype(one)> half;
    const auto loaded = hn::LoadU(half, reinterpret_cast<const hwy::float16_t*>(from));
    return hn::Set(lane_tag(), hn::GetLane(widen_halves(one, loaded)));
}

HWY_INLINE void widen(f32, const std::byte* unit, step_values* out) {
    out[0] = load_step(reinterpret_cast<const float*>(unit));
}

HWY_INLINE void widen(bf16, const std::byte* unit, step_values* out) {
    const hn::Rebind<std::uint32_t, lane_tag> wide;
    const hn::Rebind<std::uint16_t, lane_tag> narrow;
    const auto* from = reinterpret_cast<const std::uint16_t*>(unit);
    for (std::size_t v = 0; v < vectors_a_step; ++v) {
        const auto bits = hn::PromoteTo(wide, hn::LoadU(narrow, from + v * vector_lanes));
        out[0].part[v] = hn::BitCast(lane_tag(), hn::ShiftLeft<16>(bits));
    }
}

HWY_INLINE void widen(f16, const std::byte* unit, step_values* out) {
    const hn::Rebind<hwy::float16_t, lane_tag> narrow;
    const auto* from = reinterpret_cast<const hwy::float16_t*>(unit);
    for (std::size_t v = 0; v < vectors_a_step; ++v)
        out[0].part[v] = widen_halves(lane_tag(), hn::LoadU(narrow, from + v * vector_lanes));
}

/// d * q is exact (11 by 4 bits), so fusing it with + m rounds as the definition's two operations do.
HWY_INLINE void widen(q4_1, const std::byte* unit, step_values* out) {
    const hn::Rebind<std::int32_t, lane_tag> wide;
    const hn::Rebind<std::uint8_t, lane_tag> narrow;
    const lane_vector d = broadcast_half(unit);
    const lane_vector m = broadcast_half(unit + 2);
    const auto* codes = reinterpret_cast<const std::uint8_t*>(unit + 4);
    for (std::size_t v = 0; v < vectors_a_step; ++v) {
        const auto code = hn::PromoteTo(wide, hn::LoadU(narrow, codes + v * vector_lanes));
        const auto low = hn::ConvertTo(lane_tag(), hn::And(code, hn::Set(wide, 15)));
        const auto high = hn::ConvertTo(lane_tag(), hn::ShiftRight<4>(code));
        out[0].part[v] = hn::MulAdd(d, low, m);
        out[1].part[v] = hn::MulAdd(d, high, m);
    }
}

HWY_INLINE void widen(q8_0, const std::byte* unit, step_values* out) {
    const hn::Rebind<std::int32_t, lane_tag> wide;
    const hn::Rebind<std::int8_t, lane_tag> narrow;
    const lane_vector d = broadcast_half(unit);
    const auto* codes = reinterpret_cast<const std::int8_t*>(unit + 2);
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t v = 0; v < vectors_a_step; ++v) {
            const auto code = hn::LoadU(narrow, codes + s * lane_count + v * vector_lanes);
            out[s].part[v] = hn::Mul(d, hn::ConvertTo(lane_tag(), hn::PromoteTo(wide, code)));
        }
}

/// The last `count` < 16 values of a row in a plain format, the rest 0. Rows of quantised formats have no such tail.
template <class Format>
HWY_INLINE step_values widen_tail(Format, const std::byte* unit, std::size_t count) {
    HWY_ALIGN float padded[lane_count] = {};
    if constexpr (Format::block_values == 1)
        for (std::size_t i = 0; i < count; ++i) Format::decode(unit + i * Format::block_bytes, padded + i);
    return load_step(padded);
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
