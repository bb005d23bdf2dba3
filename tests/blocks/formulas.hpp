// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What blocks compute, by definition and in double, and how far a result is from it.
#ifndef UNLOOP_TESTS_BLOCKS_FORMULAS_HPP
#define UNLOOP_TESTS_BLOCKS_FORMULAS_HPP

#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/kernels/gelu_tanh.hpp>
#include <unloop/kernels/silu.hpp>

#include <algorithm>  // equal, max
#include <bit>        // bit_cast
#include <cmath>      // exp
#include <cstddef>    // size_t
#include <numbers>    // pi
#include <vector>     // values

namespace blocks {

using namespace unloop;
using doubles = std::vector<double>;

using llama_attention = attention<grouped_heads, causal, rotary, own_keys_and_values>;
using normed_attention = attention<grouped_heads_with_norm<rms_norm>, causal, rotary, normed_keys_and_values<rms_norm>>;

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

/// The root mean square is 1 before the weight; an empty weight is none.
inline doubles normed(std::span<const float> weight, float epsilon, const doubles& x) {
    double squares = 0;
    for (double value : x) squares += value * value;
    const double root = std::sqrt(squares / static_cast<double>(x.size()) + static_cast<double>(epsilon));
    doubles out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        out[i] = x[i] / root * (weight.empty() ? 1.0 : static_cast<double>(weight[i]));
    return out;
}

inline double activated(kernels::silu_t, double x) { return x / (1 + std::exp(-x)); }
inline double activated(kernels::gelu_tanh_t, double x) {
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

/// activation(gate x) * up x.
template <class Activation>
doubles neurons_of(Activation activation, const weight_view& gate, const weight_view& up, const doubles& x) {
    doubles neurons = times(gate, x);
    const doubles ups = times(up, x);
    for (std::size_t j = 0; j < neurons.size(); ++j) neurons[j] = activated(activation, neurons[j]) * ups[j];
    return neurons;
}

template <class Activation>
doubles gated(const gated_mlp<Activation>& mlp, const doubles& x) {
    return times(mlp.down, neurons_of(Activation{}, mlp.gate, mlp.up, x));
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

/// Queries, keys and values of one sequence, normed and turned where they are.
struct projections {
    std::vector<doubles> queries, keys, values;
};

/// Attention of one sequence by its definition, O(T^2), before the last projection: [T, query width].
inline std::vector<doubles> mixed(const projections& of, const layer_traits& traits) {
    std::vector<doubles> out;
    for (std::size_t t = 0; t < of.queries.size(); ++t) {
        doubles& sums = out.emplace_back(traits.query_width());
        for (std::size_t h = 0; h < traits.heads; ++h) {
            const std::size_t shared = h / (traits.heads / traits.key_value_heads) * traits.head_size;
            const std::size_t own = h * traits.head_size;
            double total = 0;
            for (std::size_t s = 0; s <= t; ++s) {
                if (traits.window != 0 && t - s >= traits.window) continue;
                double score = 0;
                for (std::size_t c = 0; c < traits.head_size; ++c)
                    score += of.queries[t][own + c] * of.keys[s][shared + c];
                const double weight = std::exp(score * static_cast<double>(traits.attention_scale));
                total += weight;
                for (std::size_t c = 0; c < traits.head_size; ++c) sums[own + c] += weight * of.values[s][shared + c];
            }
            for (std::size_t c = 0; c < traits.head_size; ++c) sums[own + c] /= total;
        }
    }
    return out;
}

/// Every head of a vector normed.
inline doubles normed_heads(std::span<const float> weight, const layer_traits& traits, const doubles& heads) {
    doubles out;
    for (std::size_t at = 0; at < heads.size(); at += traits.head_size) {
        const auto first = heads.begin() + static_cast<std::ptrdiff_t>(at);
        const doubles head =
            normed(weight, traits.norm_epsilon, doubles(first, first + static_cast<std::ptrdiff_t>(traits.head_size)));
        out.insert(out.end(), head.begin(), head.end());
    }
    return out;
}

/// x: T vectors that are normed already.
inline std::vector<doubles> attended(const llama_attention& block, const layer_traits& traits,
                                     const std::vector<doubles>& x) {
    projections of;
    for (std::size_t t = 0; t < x.size(); ++t) {
        of.queries.push_back(times(block.heads.query, x[t]));
        of.keys.push_back(times(block.key_values.key, x[t]));
        of.values.push_back(times(block.key_values.value, x[t]));
        turn(traits, t, of.queries.back()), turn(traits, t, of.keys.back());
    }
    std::vector<doubles> out;
    for (const doubles& sums : mixed(of, traits)) out.push_back(times(block.heads.output, sums));
    return out;
}

/// The same with norms over every head, and keys as values where the layer says so.
inline std::vector<doubles> attended(const normed_attention& block, const layer_traits& traits,
                                     const std::vector<doubles>& x) {
    projections of;
    for (std::size_t t = 0; t < x.size(); ++t) {
        const doubles key = times(block.key_values.key, x[t]);
        of.values.push_back(
            normed_heads({}, traits, traits.values_from_keys ? key : times(block.key_values.value, x[t])));
        of.queries.push_back(normed_heads(block.heads.norm.weight, traits, times(block.heads.query, x[t])));
        of.keys.push_back(normed_heads(block.key_values.key_norm.weight, traits, key));
        turn(traits, t, of.queries.back()), turn(traits, t, of.keys.back());
    }
    std::vector<doubles> out;
    for (const doubles& sums : mixed(of, traits)) out.push_back(times(block.heads.output, sums));
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
