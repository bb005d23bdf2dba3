// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Cosines and sines of the rotary angles, by position.
#ifndef UNLOOP_BLOCKS_ROTARY_TABLE_HPP
#define UNLOOP_BLOCKS_ROTARY_TABLE_HPP

#include <unloop/tensor/view.hpp>

#include <cmath>    // cos, pow
#include <cstddef>  // size_t
#include <span>     // one position

namespace unloop::inline v0 {

/// Views of a table, [positions, head size / 2] each.
struct rotary_angles {
    const_matrix_view cosines, sines;
};

/// Which angles a table holds: pair i turns by position * base^(-2i / head size) / factor, and not at all from pair
/// live_pairs on ("default" and "proportional" rotary of Gemma 4).
struct rotary_spec {
    std::size_t head_size = 0;
    float base = 10000.0F;
    float factor = 1.0F;
    std::size_t live_pairs = 0;  ///< head_size / 2 when all turn
    friend constexpr bool operator==(const rotary_spec&, const rotary_spec&) = default;
};

/// Fills cosines and sines, both [positions, head_size / 2]. Frequencies and angles are rounded to float32, as the
/// reference implementations of the models do; cosine and sine of the rounded angle are computed in double.
inline void fill_rotary_table(const rotary_spec& spec, matrix_view cosines, matrix_view sines) {
    for (std::size_t pair = 0; pair < spec.head_size / 2; ++pair) {
        const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(spec.head_size);
        const auto frequency =
            static_cast<float>(1.0 / std::pow(static_cast<double>(spec.base), exponent)) / spec.factor;
        for (std::size_t position = 0; position < cosines.rows(); ++position) {
            const float angle = pair < spec.live_pairs ? static_cast<float>(position) * frequency : 0.0F;
            cosines[position][pair] = static_cast<float>(std::cos(static_cast<double>(angle)));
            sines[position][pair] = static_cast<float>(std::sin(static_cast<double>(angle)));
        }
    }
}

}  // namespace unloop::inline v0

#endif
