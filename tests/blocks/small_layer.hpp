// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What the tests of blocks share: one small layer's weights, caches and scratch space, and its formulas in double.
#ifndef UNLOOP_TESTS_BLOCKS_SMALL_LAYER_HPP
#define UNLOOP_TESTS_BLOCKS_SMALL_LAYER_HPP

#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/core/random.hpp>
#include <unloop/kernels/silu.hpp>
#include <unloop/parallel/serial.hpp>

#include <algorithm>  // copy, equal
#include <bit>        // bit_cast
#include <cmath>      // exp
#include <cstddef>    // size_t
#include <deque>      // memory that stays in place
#include <vector>     // values

namespace blocks {

using namespace unloop;
using doubles = std::vector<double>;

using llama_attention = attention<grouped_heads, causal, rotary, own_keys_and_values>;
using llama_mlp = gated_mlp<kernels::silu_t>;
using llama_layer = transformer_block<pre_norm<rms_norm>, llama_attention, llama_mlp>;

inline std::vector<float> random_floats(std::size_t n, std::uint64_t seed, double size = 1) {
    random_sequence random(seed, n);
    std::vector<float> values(n);
    for (float& value : values) value = static_cast<float>(size * (2 * random.uniform() - 1));
    return values;
}

/// Memory for one layer and `rows` rows of up to `positions` positions.
class small_layer {
  public:
    small_layer(const layer_traits& wanted, std::size_t rows, std::size_t positions) : traits(wanted) {
        const std::size_t capacity = (positions + key_tile - 1) / key_tile * key_tile;
        cache = {make(rows * capacity, traits.key_value_width()).data(),
                 make(rows * capacity, traits.key_value_width()).data(), capacity, traits.key_value_width()};
        const std::size_t tokens = rows * positions;
        space = {make(tokens, traits.hidden),
                 make(tokens, traits.hidden),
                 make(tokens, traits.query_width()),
                 make(tokens, traits.query_width()),
                 make(tokens, traits.key_value_width()),
                 make(tokens, traits.key_value_width()),
                 make(tokens, traits.mlp_width),
                 make(tokens, traits.mlp_width)};
        const matrix_view cosines = make(positions, traits.head_size / 2),
                          sines = make(positions, traits.head_size / 2);
        fill_rotary_table({traits.head_size, 100.0F, 1.0F, traits.head_size / 2}, cosines, sines);
        angles = {cosines, sines};
    }

    /// Random weights for every parameter of a block.
    template <class Block>
    void fill(Block& block) {
        std::uint64_t seed = 100;
        block.for_each_parameter(traits, [&](parameter_role, parameter_shape shape, auto& slot) {
            const matrix_view values = make(shape.rows, shape.columns);
            const auto random = random_floats(shape.rows * shape.columns, ++seed, 0.6);
            std::copy(random.begin(), random.end(), values.data());
            if constexpr (std::is_same_v<decltype(slot), vector_parameter&>)
                slot = values[0];
            else
                slot = as_weights(values);
        });
    }

    /// What a block needs for one pass.
    template <class Executor, class Tap>
    [[nodiscard]] auto run(std::span<const batch_token> tokens, Executor& executor, Tap& tap) {
        return block_run<reference, Executor, Tap>{backend, executor, tap, tokens, 7, traits, space, cache, angles};
    }

    layer_traits traits;
    reference backend;
    block_workspace space;
    key_value_cache cache;
    rotary_angles angles;

  private:
    matrix_view make(std::size_t rows, std::size_t columns) {
        memory_.emplace_back(rows * columns, 1e30F);  // what is not written shows
        return {memory_.back().data(), rows, columns};
    }

    std::deque<std::vector<float>> memory_;
};

inline std::vector<batch_token> tokens_of_row(std::int32_t row, std::size_t first, std::size_t count) {
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < count; ++t) tokens.push_back({0, row, static_cast<std::int32_t>(first + t), false});
    return tokens;
}

inline doubles widened(const weight_view& weights, std::size_t r) {
    std::vector<float> row(weights.columns);
    decode_row(weights, r, row);
    return {row.begin(), row.end()};
}

/// weights x.
inline doubles times(const weight_view& weights, const doubles& x) {
    doubles out(weights.rows);
    for (std::size_t r = 0; r < weights.rows; ++r) {
        const doubles row = widened(weights, r);
        for (std::size_t k = 0; k < x.size(); ++k) out[r] += row[k] * x[k];
    }
    return out;
}

inline doubles normed(std::span<const float> weight, float epsilon, const doubles& x) {
    double squares = 0;
    for (double value : x) squares += value * value;
    const double root = std::sqrt(squares / static_cast<double>(x.size()) + static_cast<double>(epsilon));
    doubles out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] / root * static_cast<double>(weight[i]);
    return out;
}

inline doubles gated(const llama_mlp& mlp, const doubles& x) {
    doubles neurons = times(mlp.gate, x);
    const doubles up = times(mlp.up, x);
    for (std::size_t j = 0; j < neurons.size(); ++j) neurons[j] *= up[j] / (1 + std::exp(-neurons[j]));
    return times(mlp.down, neurons);
}

inline void turn(const layer_traits& traits, std::size_t position, doubles& heads) {
    const std::size_t size = traits.head_size, pairs = size / 2;
    for (std::size_t at = 0; at < heads.size(); at += size)
        for (std::size_t i = 0; i < pairs; ++i) {
            const double angle = static_cast<double>(position) *
                                 std::pow(100.0, -2.0 * static_cast<double>(i) / static_cast<double>(size));
            const bool halves = traits.rotary_pairs == rotary_layout::halves;
            double& low = heads[at + (halves ? i : 2 * i)];
            double& high = heads[at + (halves ? i + pairs : 2 * i + 1)];
            const double turned = low * std::cos(angle) - high * std::sin(angle);
            high = high * std::cos(angle) + low * std::sin(angle);
            low = turned;
        }
}

/// Attention of one sequence by its definition, O(T^2): x: T vectors that are normed already.
inline std::vector<doubles> attended(const llama_attention& block, const layer_traits& traits,
                                     const std::vector<doubles>& x) {
    std::vector<doubles> keys, values, out;
    for (std::size_t t = 0; t < x.size(); ++t) {
        keys.push_back(times(block.key_values.key, x[t]));
        turn(traits, t, keys.back());
        values.push_back(times(block.key_values.value, x[t]));
        doubles query = times(block.heads.query, x[t]);
        turn(traits, t, query);
        doubles mixed(traits.query_width());
        for (std::size_t h = 0; h < traits.heads; ++h) {
            const std::size_t shared = h / (traits.heads / traits.key_value_heads) * traits.head_size;
            const std::size_t own = h * traits.head_size;
            double total = 0;
            for (std::size_t s = 0; s <= t; ++s) {
                if (traits.window != 0 && t - s >= traits.window) continue;
                double score = 0;
                for (std::size_t c = 0; c < traits.head_size; ++c) score += query[own + c] * keys[s][shared + c];
                const double weight = std::exp(score * static_cast<double>(traits.attention_scale));
                total += weight;
                for (std::size_t c = 0; c < traits.head_size; ++c) mixed[own + c] += weight * values[s][shared + c];
            }
            for (std::size_t c = 0; c < traits.head_size; ++c) mixed[own + c] /= total;
        }
        out.push_back(times(block.heads.output, mixed));
    }
    return out;
}

inline doubles row_of(const_matrix_view x, std::size_t t) { return {x[t].begin(), x[t].end()}; }

/// Largest difference relative to the largest magnitude of what is expected.
inline double difference(std::span<const float> actual, const doubles& expected) {
    double apart = actual.size() == expected.size() ? 0 : INFINITY, size = 1e-30;
    for (std::size_t i = 0; i < actual.size() && i < expected.size(); ++i) {
        const double d = std::abs(static_cast<double>(actual[i]) - expected[i]);
        apart = std::isfinite(d) ? std::max(apart, d) : INFINITY;
        size = std::max(size, std::abs(expected[i]));
    }
    return apart / size;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
        return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
    });
}

}  // namespace blocks

#endif
