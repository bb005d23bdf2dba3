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
/// block by block. All else is the same with both.
enum class arithmetic : std::uint8_t { exact, fast };

namespace backend {

inline constexpr std::size_t activation_block_values = 32;
inline constexpr std::size_t activation_lanes = 8;  ///< lane l: the values i with i % 16 / 2 == l

/// 32 activations as scale * code, codes in [-127, 127].
struct activation_block {
    std::int16_t codes[activation_block_values];
    float lane_sums[activation_lanes];  ///< scale * sum of the lane's codes: what the minimum of Q4_1 multiplies
    float scale;                        ///< NaN where an activation is not finite
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
    std::int32_t sums[activation_lanes] = {};
    for (std::size_t i = 0; i < activation_block_values; ++i) {
        block.codes[i] = static_cast<std::int16_t>(std::nearbyint(x[i] * inverse));
        sums[i % 16 / 2] += block.codes[i];
    }
    for (std::size_t l = 0; l < activation_lanes; ++l) block.lane_sums[l] = block.scale * static_cast<float>(sums[l]);
    return block;
}

[[nodiscard]] inline std::int32_t weight_code(q4_1, const std::byte* block, std::size_t i) noexcept {
    const auto both = std::to_integer<std::int32_t>(block[4 + i % 16]);
    return i < 16 ? both & 15 : both >> 4;
}
[[nodiscard]] inline std::int32_t weight_code(q8_0, const std::byte* block, std::size_t i) noexcept {
    return detail::load_unaligned<std::int8_t>(block + 2 + i);
}

/// sums[l] += d * scale * (sum of products of codes, exact), and for Q4_1 += m * lane_sums[l]; both fused.
template <class Format>
void add_block_product(const std::byte* block, const activation_block& x, float* sums) noexcept {
    std::int32_t products[activation_lanes] = {};
    for (std::size_t i = 0; i < activation_block_values; ++i)
        products[i % 16 / 2] += weight_code(Format(), block, i) * x.codes[i];
    const float scale = static_cast<float>(detail::load_unaligned<float16>(block)) * x.scale;
    for (std::size_t l = 0; l < activation_lanes; ++l)
        sums[l] = std::fma(scale, static_cast<float>(products[l]), sums[l]);
    if constexpr (Format::scale_offsets.size() == 2) {
        const auto minimum = static_cast<float>(detail::load_unaligned<float16>(block + Format::scale_offsets[1]));
        for (std::size_t l = 0; l < activation_lanes; ++l) sums[l] = std::fma(minimum, x.lane_sums[l], sums[l]);
    }
}

}  // namespace backend

/// The specification of fast arithmetic as a backend: plain loops, slow. Blocks are added in order, lanes folded as a
/// tree at the end (l with l + 4, + 2, + 1), so it is batch-invariant. Replaces `matvec` and `matmul` for Q4_1 and
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
            float sums[backend::activation_lanes] = {};
            const std::byte* block = weights.row(r);
            for (std::size_t k = 0; k < weights.columns; k += Format::block_values, block += Format::block_bytes)
                backend::add_block_product<Format>(block, backend::quantise_activations(x.data() + k), sums);
            for (std::size_t half = backend::activation_lanes / 2; half > 0; half /= 2)
                for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
            out[r] = sums[0];
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
