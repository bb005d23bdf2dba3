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
#include <utility>    // move
#include <vector>     // values

namespace blocks {

using namespace unloop;
using doubles = std::vector<double>;
using sequence = std::vector<doubles>;  // one vector a token

using llama_attention = attention<grouped_heads, causal, rotary, own_keys_and_values>;
using normed_attention = attention<grouped_heads_with_norm<rms_norm>, causal, rotary, normed_keys_and_values<rms_norm>>;

/// Formulas call `at(Site{}, row, values)` where the library calls a tap, so that values can be moved there; this moves
/// none.
struct no_moves {
    template <class Site>
    void operator()(Site, std::size_t /*row*/, const doubles& /*values*/) const {}
};

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

/// activation(gates) * ups.
template <class Activation>
doubles gated_product(Activation activation, doubles gates, const doubles& ups) {
    for (std::size_t j = 0; j < gates.size(); ++j) gates[j] = activated(activation, gates[j]) * ups[j];
    return gates;
}

template <class Activation, class At = no_moves>
doubles gated(const gated_mlp<Activation>& mlp, const doubles& x, std::size_t row = 0, At&& at = At{}) {
    doubles gates = times(mlp.gate, x), ups = times(mlp.up, x);
    at(sites::mlp_gate{}, row, gates), at(sites::mlp_up{}, row, ups);
    doubles neurons = gated_product(Activation{}, std::move(gates), ups);
    at(sites::mlp_neurons{}, row, neurons);
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

/// Queries, keys and values of one sequence, normed and turned where they are.
struct projections {
    sequence queries, keys, values;
};

/// Attention of one sequence by its definition, O(T^2), before the last projection: [T, query width].
inline sequence mixed(const projections& of, const layer_traits& traits) {
    sequence out;
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

inline doubles query_of(const grouped_heads& heads, const layer_traits& /*traits*/, const doubles& x) {
    return times(heads.query, x);
}
inline doubles query_of(const grouped_heads_with_norm<rms_norm>& heads, const layer_traits& traits, const doubles& x) {
    return normed_heads(heads.norm.weight, traits, times(heads.query, x));
}

/// What the layer that owns the cache keeps in it; x: T vectors that are normed already.
inline projections keys_and_values_of(const own_keys_and_values& own, const layer_traits& traits, const sequence& x) {
    projections of;
    for (std::size_t t = 0; t < x.size(); ++t) {
        turn(traits, t, of.keys.emplace_back(times(own.key, x[t])));
        of.values.push_back(times(own.value, x[t]));
    }
    return of;
}
/// The same with norms over every head, and keys as values where the layer says so.
inline projections keys_and_values_of(const normed_keys_and_values<rms_norm>& own, const layer_traits& traits,
                                      const sequence& x) {
    projections of;
    for (std::size_t t = 0; t < x.size(); ++t) {
        const doubles key = times(own.key, x[t]);
        of.values.push_back(normed_heads({}, traits, traits.values_from_keys ? key : times(own.value, x[t])));
        turn(traits, t, of.keys.emplace_back(normed_heads(own.key_norm.weight, traits, key)));
    }
    return of;
}
template <class KeyValues>
projections keys_and_values_of(const shared_across_layers<KeyValues>& shared, const layer_traits& traits,
                               const sequence& x) {
    return keys_and_values_of(shared.own, traits, x);
}

/// Attention to keys and values that are there already.
template <class Heads, class At = no_moves>
sequence attended_to(projections of, const Heads& heads, const layer_traits& traits, const sequence& x,
                     At&& at = At{}) {
    for (std::size_t t = 0; t < x.size(); ++t) turn(traits, t, of.queries.emplace_back(query_of(heads, traits, x[t])));
    sequence out = mixed(of, traits);
    for (std::size_t t = 0; t < x.size(); ++t) {
        at(sites::attention_heads{}, t, out[t]);
        out[t] = times(heads.output, out[t]);
    }
    return out;
}
template <class Heads, class KeyValues, class At = no_moves>
sequence attended(const attention<Heads, causal, rotary, KeyValues>& block, const layer_traits& traits,
                  const sequence& x, At&& at = At{}) {
    return attended_to(keys_and_values_of(block.key_values, traits, x), block.heads, traits, x, at);
}

inline doubles row_of(const_matrix_view x, std::size_t t) { return {x[t].begin(), x[t].end()}; }
inline sequence rows_of(const_matrix_view x) {
    sequence rows;
    for (std::size_t t = 0; t < x.rows(); ++t) rows.push_back(row_of(x, t));
    return rows;
}

inline void add_to(doubles& sum, const doubles& more) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
}

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
