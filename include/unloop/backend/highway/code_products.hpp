// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Codes of blocks as bytes in registers, and exact sums of four products each: what fast arithmetic multiplies with.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_CODE_PRODUCTS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_CODE_PRODUCTS_HPP
#undef UNLOOP_BACKEND_HIGHWAY_CODE_PRODUCTS_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_CODE_PRODUCTS_HPP
#endif

#include <unloop/backend/fast_arithmetic.hpp>
#include <unloop/backend/highway/lanes.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR  // has no neighbours to add

// Eight lanes of sums, each of four products; `fast_reference` says which.
using sum_tag = hn::CappedTag<float, activation_lanes>;
using count_tag = hn::Rebind<std::int32_t, sum_tag>;
using pair_tag = hn::Repartition<std::int16_t, count_tag>;
using code_tag = hn::Repartition<std::int8_t, count_tag>;
using unsigned_code_tag = hn::Repartition<std::uint8_t, count_tag>;
inline constexpr std::size_t sums_a_vector = hn::MaxLanes(sum_tag());
inline constexpr std::size_t codes_a_vector = hn::MaxLanes(code_tag());
inline constexpr std::size_t parts_a_block = activation_lanes / sums_a_vector;

/// The codes of a block of weights. Q4_1: 0 to 15.
template <class Tag>
struct code_vectors {
    hn::Vec<Tag> part[parts_a_block];
};

template <class Tag = unsigned_code_tag>
HWY_INLINE code_vectors<Tag> load_codes(q4_1, const std::byte* block) {
    const hn::Repartition<std::uint32_t, Tag> words;  // shifting brings bits of the neighbour, which the mask drops
    const auto* from = reinterpret_cast<const std::uint8_t*>(block + 4);
    const auto mask = hn::Set(Tag(), 15);
    if constexpr (hn::MaxLanes(Tag()) == activation_block_values) {
        const auto upper = hn::ShiftLeft<2>(hn::Shr(hn::Iota(words, 0), hn::Set(words, 2)));  // 0 0 0 0 4 4 4 4
        return {{hn::And(hn::BitCast(Tag(), hn::Shr(hn::BitCast(words, hn::LoadDup128(Tag(), from)), upper)), mask)}};
    } else {
        const auto both = hn::LoadU(Tag(), from);
        const auto high = hn::BitCast(Tag(), hn::ShiftRight<4>(hn::BitCast(words, both)));
        return {{hn::And(both, mask), hn::And(high, mask)}};
    }
}

HWY_INLINE code_vectors<code_tag> load_codes(q8_0, const std::byte* block) {
    code_vectors<code_tag> codes;
    for (std::size_t p = 0; p < parts_a_block; ++p)
        codes.part[p] = hn::LoadU(code_tag(), reinterpret_cast<const std::int8_t*>(block + 2) + p * codes_a_vector);
    return codes;
}

#if (HWY_MAJOR > 1 || HWY_MINOR >= 1) && !(HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3 && HWY_TARGET > HWY_AVX3_DL)

/// Lane l: the sum of the products of the codes 4 l to 4 l + 3. One instruction with AVX512-VNNI or Arm's dot product.
template <class Codes>
HWY_INLINE hn::Vec<count_tag> quad_products(Codes weights, hn::Vec<code_tag> x) {
    return hn::SumOfMulQuadAccumulate(count_tag(), weights, x, hn::Zero(count_tag()));
}

#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3

// Pairs of products fit into sixteen bits: 2 * 15 * 127 for Q4_1, 2 * 128 * 127 for Q8_0.
HWY_INLINE hn::Vec<pair_tag> pair_products(hn::Vec<unsigned_code_tag> weights, hn::Vec<code_tag> x) {
#if HWY_TARGET <= HWY_AVX2
    return hn::Vec<pair_tag>{_mm256_maddubs_epi16(weights.raw, x.raw)};
#else
    return hn::Vec<pair_tag>{_mm_maddubs_epi16(weights.raw, x.raw)};
#endif
}

/// The sign goes from the weight, which then is at most 128, to the activation.
HWY_INLINE hn::Vec<pair_tag> pair_products(hn::Vec<code_tag> weights, hn::Vec<code_tag> x) {
#if HWY_TARGET <= HWY_AVX2
    const hn::Vec<code_tag> signed_x{_mm256_sign_epi8(x.raw, weights.raw)};
#else
    const hn::Vec<code_tag> signed_x{_mm_sign_epi8(x.raw, weights.raw)};
#endif
    return pair_products(hn::BitCast(unsigned_code_tag(), hn::Abs(weights)), signed_x);
}

/// Lane l: the sum of the products of the codes 4 l to 4 l + 3.
template <class Codes>
HWY_INLINE hn::Vec<count_tag> quad_products(Codes weights, hn::Vec<code_tag> x) {
    const hn::Vec<pair_tag> pairs = pair_products(weights, x), ones = hn::Set(pair_tag(), 1);
#if HWY_TARGET <= HWY_AVX2
    return hn::Vec<count_tag>{_mm256_madd_epi16(pairs.raw, ones.raw)};
#else
    return hn::Vec<count_tag>{_mm_madd_epi16(pairs.raw, ones.raw)};
#endif
}

#else

/// Lane l: the sum of the products of the codes 4 l to 4 l + 3, for vectors of sixteen codes.
template <class Codes>
HWY_INLINE hn::Vec<count_tag> quad_products(Codes weights, hn::Vec<code_tag> x) {
    const auto pairs_of = [&](auto half_weights, auto half_x) HWY_ATTR {
        auto odd = hn::Zero(count_tag());
        const auto sum = hn::ReorderWidenMulAccumulate(count_tag(), hn::PromoteTo(pair_tag(), half_weights),
                                                       hn::PromoteTo(pair_tag(), half_x), hn::Zero(count_tag()), odd);
        return hn::RearrangeToOddPlusEven(sum, odd);
    };
    const auto low = pairs_of(hn::LowerHalf(weights), hn::LowerHalf(x));
    const auto high =
        pairs_of(hn::UpperHalf(hn::Half<hn::DFromV<Codes> >(), weights), hn::UpperHalf(hn::Half<code_tag>(), x));
    return hn::Add(hn::ConcatEven(count_tag(), high, low), hn::ConcatOdd(count_tag(), high, low));
}

#endif

#endif  // HWY_SCALAR

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
