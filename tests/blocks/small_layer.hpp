// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What the tests of blocks share: weights, caches and scratch space of one small layer.
#ifndef UNLOOP_TESTS_BLOCKS_SMALL_LAYER_HPP
#define UNLOOP_TESTS_BLOCKS_SMALL_LAYER_HPP

#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/core/random.hpp>
#include <unloop/parallel/serial.hpp>

#include <laws/random_parameters.hpp>

#include <algorithm>  // copy, max
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <deque>      // memory that stays in place
#include <vector>     // values

#include "formulas.hpp"

namespace blocks {

using llama_mlp = gated_mlp<kernels::silu_t>;
using llama_layer = transformer_block<pre_norm<rms_norm>, llama_attention, llama_mlp>;

inline std::vector<float> random_floats(std::size_t n, std::uint64_t seed, double size = 1) {
    random_sequence random(seed, n);
    std::vector<float> values(n);
    for (float& value : values) value = static_cast<float>(size * (2 * random.uniform() - 1));
    return values;
}

/// Memory for one layer and `rows` rows of up to `positions` positions. The layer's own input is random.
class small_layer {
  public:
    small_layer(const layer_traits& wanted, std::size_t rows, std::size_t positions) : traits(wanted) {
        const std::size_t capacity = (positions + key_tile - 1) / key_tile * key_tile;
        cache = {make(rows * capacity, traits.key_value_width()).data(),
                 make(rows * capacity, traits.key_value_width()).data(), capacity, traits.key_value_heads,
                 traits.head_size};
        const std::size_t tokens = rows * positions, wide = std::max(traits.mlp_width, traits.layer_input);
        space = {make(tokens, traits.hidden),
                 make(tokens, traits.hidden),
                 make(tokens, traits.query_width()),
                 make(tokens, traits.query_width()),
                 make(tokens, traits.key_value_width()),
                 make(tokens, traits.key_value_width()),
                 make(tokens, wide),
                 make(tokens, wide)};
        if (traits.experts > 0) make_expert_space(tokens);
        layer_input = make(tokens, traits.layer_input);
        const auto inputs = random_floats(tokens * traits.layer_input, 77);
        std::copy(inputs.begin(), inputs.end(), layer_input.data());
        const matrix_view cosines = make(positions, traits.head_size / 2),
                          sines = make(positions, traits.head_size / 2);
        fill_rotary_table({traits.head_size, 100.0F, 1.0F, traits.head_size / 2}, cosines, sines);
        angles = {cosines, sines};
    }

    /// Random weights for every parameter of a block, the same for equal blocks and seeds.
    template <class Block>
    void fill(Block& block, number_format format = number_format::f32, std::uint64_t seed = 100) {
        block.for_each_parameter(traits, weights_.emplace_back(0.6, seed, format));
    }

    /// The values of a float32 matrix that was filled here, to be changed.
    [[nodiscard]] std::span<float> values_of(const matrix_parameter& filled) {
        for (laws::random_parameters& weights : weights_)
            if (const auto values = weights.values_of(filled); !values.empty()) return values;
        return {};
    }

    /// What a block needs for one pass.
    template <class Executor, class Tap>
    [[nodiscard]] auto run(std::span<const batch_token> tokens, Executor& executor, Tap& tap) {
        return block_run<reference, Executor, Tap>{
            backend, executor, tap, tokens, 7, traits, space, cache, angles, layer_input.rows(0, tokens.size())};
    }

    layer_traits traits;
    reference backend;
    block_workspace space;
    key_value_cache cache;
    rotary_angles angles;
    matrix_view layer_input;

  private:
    matrix_view make(std::size_t rows, std::size_t columns) {
        memory_.emplace_back(rows * columns, 1e30F);  // what is not written shows
        return {memory_.back().data(), rows, columns};
    }
    void make_expert_space(std::size_t tokens) {
        const std::size_t pairs = tokens * traits.experts_used, width = traits.expert_width;
        chosen_.assign(pairs, -1), places_.assign(2 * pairs + traits.experts + 1, 1U << 30);
        expert_workspace& experts = space.experts;
        experts.normed = make(tokens, traits.hidden), experts.output = make(tokens, traits.hidden);
        experts.grouped = make(pairs, traits.hidden);
        experts.gate = make(pairs, width), experts.up = make(pairs, width), experts.neurons = make(pairs, width);
        experts.probabilities = make(tokens, traits.experts), experts.weights = make(tokens, traits.experts_used);
        experts.chosen = chosen_;
        experts.order = std::span(places_).first(pairs), experts.place = std::span(places_).subspan(pairs, pairs);
        experts.begins = std::span(places_).subspan(2 * pairs);
    }

    std::deque<std::vector<float>> memory_;
    std::deque<laws::random_parameters> weights_;
    std::vector<std::int32_t> chosen_;
    std::vector<std::size_t> places_;
};

inline std::vector<batch_token> tokens_of_row(std::int32_t row, std::size_t first, std::size_t count) {
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < count; ++t) tokens.push_back({0, row, static_cast<std::int32_t>(first + t), false});
    return tokens;
}

}  // namespace blocks

#endif
