// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Fast arithmetic for quantised weights, as plain loops: activations become blocks of 8-bit codes, products are sums of
// integers.
#ifndef UNLOOP_BACKEND_FAST_ARITHMETIC_HPP
#define UNLOOP_BACKEND_FAST_ARITHMETIC_HPP

#include <unloop/kernels/matmul.hpp>
#include <unloop/kernels/matvec.hpp>

#include <algorithm>  // max
#include <cmath>      // fma, nearbyint
#include <cstddef>    // byte
#include <cstdint>    // codes
#include <limits>     // NaN
#include <span>       // vectors

namespace unloop::inline v0 {

/// What becomes of activations that meet quantised weights: `exact` leaves them float32; `fast` rounds them to 8 bits,
/// block by block, and those that meet bf16 weights to bfloat16, on machines that multiply pairs of it. All else is the
/// same with both.
enum class arithmetic : std::uint8_t { exact, fast };

namespace backend {

inline constexpr std::size_t activation_block_values = 32;
inline constexpr std::size_t activation_lanes = 8;  ///< lane l: the values i with i / 4 == l

/// 32 activations as scale * code, codes in [-127, 127].
struct activation_block {
    std::int8_t codes[activation_block_values];
    float scale;  ///< NaN where an activation is not finite
    float sum;    ///< scale * sum of codes: what the minimum of Q4_1 multiplies
};

/// Activations below this count as zero where no larger one is in their block.
inline constexpr float least_activation = 0x1p-100F;

/// scale = max |x| / 127, code = x / scale to the nearest, half to even; x: [activation_block_values].
[[nodiscard]] inline activation_block quantise_activations(const float* x) noexcept {
    activation_block block{};
    float largest = 0;
    bool finite = true;
    for (std::size_t i = 0; i < activation_block_values; ++i) {
        largest = std::max(largest, std::abs(x[i]));
        finite = finite && std::isfinite(x[i]);
    }
    if (!finite) block.scale = std::numeric_limits<float>::quiet_NaN();
    if (!finite || largest < least_activation) return block;
    const float inverse = 127.0F / largest;
    block.scale = largest / 127.0F;
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < activation_block_values; ++i) {
        block.codes[i] = static_cast<std::int8_t>(std::nearbyint(x[i] * inverse));
        sum += block.codes[i];
    }
    block.sum = block.scale * static_cast<float>(sum);
    return block;
}

[[nodiscard]] inline std::int32_t weight_code(q4_1, const std::byte* block, std::size_t i) noexcept {
    const auto both = std::to_integer<std::int32_t>(block[4 + i % 16]);
    return i < 16 ? both & 15 : both >> 4;
}
[[nodiscard]] inline std::int32_t weight_code(q8_0, const std::byte* block, std::size_t i) noexcept {
    return detail::load_unaligned<std::int8_t>(block + 2 + i);
}

/// The sums of one output so far.
struct fast_sums {
    float lanes[activation_lanes];
    float minimums;

    /// Lanes as a tree: l with l + 4, + 2, + 1.
    [[nodiscard]] float fold() noexcept {
        for (std::size_t half = activation_lanes / 2; half > 0; half /= 2)
            for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
        return lanes[0] + minimums;
    }
};

/// lanes[l] += (d * scale) * (sum of products of codes, exact), and for Q4_1 minimums += m * sum; both fused.
template <class Format>
void add_block_product(const std::byte* block, const activation_block& x, fast_sums& sums) noexcept {
    std::int32_t products[activation_lanes] = {};
    for (std::size_t i = 0; i < activation_block_values; ++i)
        products[i / 4] += weight_code(Format(), block, i) * x.codes[i];
    const float scale = static_cast<float>(detail::load_unaligned<float16>(block)) * x.scale;
    for (std::size_t l = 0; l < activation_lanes; ++l)
        sums.lanes[l] = std::fma(scale, static_cast<float>(products[l]), sums.lanes[l]);
    if constexpr (Format::scale_offsets.size() == 2) {
        const auto minimum = static_cast<float>(detail::load_unaligned<float16>(block + Format::scale_offsets[1]));
        sums.minimums = std::fma(minimum, x.sum, sums.minimums);
    }
}

}  // namespace backend

/// The specification of fast arithmetic as a backend: plain loops, slow. Blocks are added in order and lanes
/// folded as a tree at the end, so it is batch-invariant. Replaces `matvec` and `matmul` for Q4_1 and
/// Q8_0; an output differs from the exact one by at most the sum over blocks of max |x| / 254 * sum of |w|, and by
/// rounding.
struct fast_reference {
    using claims =
        all_claims<unloop::claims<kernels::matvec_t, q4_1, q8_0>, unloop::claims<kernels::matmul_t, q4_1, q8_0>>;
    static constexpr bool batch_invariant = true;

    template <class Format>
    void operator()(kernels::matvec_t, typed_weights<Format> weights, std::span<const float> x,
                    std::span<float> out) const noexcept {
        for (std::size_t r = 0; r < weights.rows; ++r) {
            backend::fast_sums sums{};
            const std::byte* block = weights.row(r);
            for (std::size_t k = 0; k < weights.columns; k += Format::block_values, block += Format::block_bytes)
                backend::add_block_product<Format>(block, backend::quantise_activations(x.data() + k), sums);
            out[r] = sums.fold();
        }
    }
    template <class Format>
    void operator()(kernels::matmul_t, typed_weights<Format> weights, const_matrix_view x,
                    matrix_view out) const noexcept {
        for (std::size_t b = 0; b < x.rows(); ++b) (*this)(kernels::matvec_t(), weights, x[b], out[b]);
    }
};

}  // namespace unloop::inline v0

#endif
