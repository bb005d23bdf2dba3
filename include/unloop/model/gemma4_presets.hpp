// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The published sizes of Gemma 4 as configurations without weights: to count, to plan memory, to check a file against.
#ifndef UNLOOP_MODEL_GEMMA4_PRESETS_HPP
#define UNLOOP_MODEL_GEMMA4_PRESETS_HPP

#include <unloop/model/gemma4_config.hpp>

#include <array>        // the five sizes
#include <cstddef>      // size_t
#include <string_view>  // names
#include <vector>       // layers

namespace unloop::inline v0 {

namespace detail {

/// What all sizes have in common.
[[nodiscard]] inline gemma4_shape gemma4_base(std::size_t hidden, std::size_t heads, std::size_t window,
                                              std::size_t context) {
    gemma4_shape shape;
    shape.vocabulary = 262144, shape.hidden = hidden, shape.context = context;
    shape.heads = heads, shape.window = window;
    shape.logit_cap = 30.0F;
    return shape;
}

/// `count` layers, the last of each `period` seeing all; heads of 256 channels, there 512 of which a quarter rotates.
inline void add_layers(gemma4_shape& shape, std::size_t count, std::size_t period, std::size_t mlp_width,
                       std::size_t sliding_heads, std::size_t full_heads, bool full_values_from_keys) {
    std::vector<bool> sees_all(count);
    for (std::size_t i = 0; i < count; ++i) sees_all[i] = i % period == period - 1;
    shape.layers =
        gemma4_layers(sees_all, {false, false, 256, 128, sliding_heads, mlp_width},
                      {true, full_values_from_keys, 512, proportional_pairs(512, 0.25), full_heads, mlp_width});
}

}  // namespace detail

[[nodiscard]] inline decoder_config gemma4_e2b() {
    gemma4_shape shape = detail::gemma4_base(1536, 8, 512, 131072);
    shape.sharing_layers = 20, shape.layer_input = 256;
    detail::add_layers(shape, 35, 5, 6144, 1, 1, false);
    widen_sharing_layers(shape);
    return gemma4_config(shape);
}

[[nodiscard]] inline decoder_config gemma4_e4b() {
    gemma4_shape shape = detail::gemma4_base(2560, 8, 512, 131072);
    shape.sharing_layers = 18, shape.layer_input = 256;
    detail::add_layers(shape, 42, 6, 10240, 2, 2, false);
    return gemma4_config(shape);
}

/// The "unified" model; its decoder is like the others.
[[nodiscard]] inline decoder_config gemma4_12b() {
    gemma4_shape shape = detail::gemma4_base(3840, 16, 1024, 262144);
    detail::add_layers(shape, 48, 6, 15360, 8, 1, true);
    return gemma4_config(shape);
}

[[nodiscard]] inline decoder_config gemma4_26b_a4b() {
    gemma4_shape shape = detail::gemma4_base(2816, 16, 1024, 262144);
    shape.experts = 128, shape.experts_used = 8, shape.expert_width = 704;
    detail::add_layers(shape, 30, 6, 2112, 8, 2, true);
    return gemma4_config(shape);
}

[[nodiscard]] inline decoder_config gemma4_31b() {
    gemma4_shape shape = detail::gemma4_base(5376, 32, 1024, 262144);
    detail::add_layers(shape, 60, 6, 21504, 16, 4, true);
    return gemma4_config(shape);
}

struct gemma4_preset {
    std::string_view name;
    decoder_config (*config)();
};

inline constexpr std::array gemma4_presets{
    gemma4_preset{"E2B", gemma4_e2b},         gemma4_preset{"E4B", gemma4_e4b}, gemma4_preset{"12B", gemma4_12b},
    gemma4_preset{"26B-A4B", gemma4_26b_a4b}, gemma4_preset{"31B", gemma4_31b},
};

}  // namespace unloop::inline v0

#endif
