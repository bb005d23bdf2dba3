// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What the tests of backward passes share: a pass there and back, and slopes of formulas by central differences.
#ifndef UNLOOP_TESTS_BLOCKS_SLOPES_HPP
#define UNLOOP_TESTS_BLOCKS_SLOPES_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/layer_record.hpp>
#include <unloop/blocks/scratch.hpp>

#include <algorithm>  // all_of, max
#include <array>      // gradients by site
#include <cmath>      // abs
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <map>        // gradients by matrix
#include <span>       // choices
#include <string>     // names of sites and matrices
#include <vector>     // values

#include "formulas.hpp"
#include "small_layer.hpp"

namespace blocks {

/// Of the largest gradient that is compared: what float32 arithmetic may cost.
inline constexpr double gradient_tolerance = 1e-5;

inline constexpr number_format tried_formats[] = {number_format::f32, number_format::q8_0};

/// Widths that the blocks of a format divide, and else uneven ones.
inline layer_traits traits_for(number_format format = number_format::f32) {
    const bool in_blocks = format != number_format::f32;
    layer_traits traits;
    traits.hidden = in_blocks ? 32 : 12, traits.heads = 4, traits.key_value_heads = 2;
    traits.head_size = in_blocks ? 8 : 4, traits.mlp_width = in_blocks ? 32 : 14;
    traits.experts = 5, traits.experts_used = 2, traits.expert_width = in_blocks ? 32 : 9;
    traits.norm_epsilon = 1e-3F, traits.attention_scale = 0.4F;
    return traits;
}
inline layer_traits traits_without_experts(number_format format = number_format::f32) {
    layer_traits traits = traits_for(format);
    traits.experts = traits.experts_used = traits.expert_width = 0;
    return traits;
}

/// Keeps the gradients at every site of one layer, and those of its matrices, summed over tokens.
struct gradient_keeper {
    std::array<std::vector<float>, sites::count> by_site;
    std::map<parameter_name, doubles> by_matrix;

    template <class Site>
    void operator()(Site, const tap_place& /*place*/, const_matrix_view /*values*/, matrix_view gradients) {
        std::vector<float>& to = by_site[sites::number<Site>];
        to.clear();
        for (std::size_t t = 0; t < gradients.rows(); ++t)
            to.insert(to.end(), gradients[t].begin(), gradients[t].end());
    }
    void operator()(parameter_name name, const_matrix_view inputs, const_matrix_view gradients) {
        name.layer = -1;  // there is but one
        doubles& to = by_matrix[name];
        to.resize(gradients.columns() * inputs.columns());
        for (std::size_t t = 0; t < inputs.rows(); ++t)
            for (std::size_t i = 0; i < to.size(); ++i)
                to[i] += static_cast<double>(gradients[t][i / inputs.columns()]) *
                         static_cast<double>(inputs[t][i % inputs.columns()]);
    }
};

/// One layer, through which a few tokens of row 1 go forward and their gradients back. Matrices that it makes last as
/// long as it does.
class both_ways {
  public:
    static constexpr std::size_t length = 5;

    explicit both_ways(const layer_traits& traits) : layer(traits, 2, length), of_cache(layer.cache) {
        of_cache.keys = zeros(2 * of_cache.capacity, traits.key_value_width()).data();
        of_cache.values = zeros(2 * of_cache.capacity, traits.key_value_width()).data();
        of_layer_input = zeros(length, traits.layer_input);
    }

    /// `forward(run)`, then `backward(run)` with the record of it.
    template <class Forward, class Backward>
    void go(const Forward& forward, const Backward& backward) {
        serial alone;
        no_tap none;
        layer_recorder recorder{scratch, record_};
        auto there = layer.run(tokens_, alone, recorder);
        forward(there);
        backward_run<reference, serial, gradient_keeper> back{
            layer.run(tokens_, alone, none), kept, record_, scratch, of_cache, of_layer_input};
        backward(back);
    }

    [[nodiscard]] matrix_view zeros(std::size_t rows, std::size_t columns) { return scratch.zeros(rows, columns); }
    [[nodiscard]] matrix_view random(std::uint64_t seed, std::size_t columns) {
        return scratch.copy(const_matrix_view(random_floats(length * columns, seed, 2.0).data(), length, columns));
    }
    [[nodiscard]] std::span<const std::int32_t> chosen() const noexcept { return record_.chosen; }
    [[nodiscard]] std::span<const std::int32_t> chosen_by(std::size_t t) const noexcept {
        return record_.chosen.subspan(t * layer.traits.experts_used, layer.traits.experts_used);
    }

    scratch_stack scratch;
    small_layer layer;
    gradient_keeper kept;
    key_value_cache of_cache;    ///< gradients by keys and values
    matrix_view of_layer_input;  ///< [length, layer input]

  private:
    std::vector<batch_token> tokens_ = tokens_of_row(1, 0, length);
    layer_record record_;
};

/// The way there or back of a pass that goes only the other.
inline constexpr auto stays = [](auto& /*run*/) {};

/// Moves one value at one site while a formula is computed, and counts those that pass the site.
struct moved_value {
    std::size_t site = sites::count, index = 0;
    double by = 0;
    std::size_t passed = 0;

    template <class Site>
    void operator()(Site, std::size_t row, doubles& values) {
        if (sites::number<Site> != site) return;
        passed += values.size();
        if (row == index / values.size()) values[index % values.size()] += by;
    }
};

/// The slope at 0 of `value_at(double by)`, by central differences.
template <class ValueAt>
double slope_of(const ValueAt& value_at) {
    constexpr double step = 1e-5;
    return (value_at(step) - value_at(-step)) / (2 * step);
}

/// Slopes of `value(moved_value&)` by all numbers of a sequence, which it reads.
template <class Value>
doubles slopes_by(sequence& numbers, const Value& value) {
    doubles slopes;
    for (doubles& row : numbers)
        for (double& number : row) {
            const double before = number;
            slopes.push_back(slope_of([&](double by) {
                number = before + by;
                moved_value none;
                return value(none);
            }));
            number = before;
        }
    return slopes;
}

/// Slopes by all values that pass a site.
template <class Value>
doubles slopes_at(std::size_t site, const Value& value) {
    moved_value counting{.site = site};
    (void)value(counting);
    doubles slopes;
    for (std::size_t i = 0; i < counting.passed; ++i)
        slopes.push_back(slope_of([&](double by) {
            moved_value one{.site = site, .index = i, .by = by};
            return value(one);
        }));
    return slopes;
}

/// `of(t)` for every token that goes through `both_ways`.
template <class Of>
sequence of_tokens(const Of& of) {
    sequence values;
    for (std::size_t t = 0; t < both_ways::length; ++t) values.push_back(of(t));
    return values;
}

inline std::vector<float> values_of(const_matrix_view from) {
    std::vector<float> values;
    for (std::size_t t = 0; t < from.rows(); ++t) values.insert(values.end(), from[t].begin(), from[t].end());
    return values;
}

inline bool are_slopes(std::span<const float> gradient, const doubles& slopes) {
    return difference(gradient, slopes) < gradient_tolerance;
}
/// Whether a gradient by `numbers` is that of `value`.
template <class Value>
bool is_gradient(const_matrix_view gradient, sequence& numbers, const Value& value) {
    return are_slopes(values_of(gradient), slopes_by(numbers, value));
}

/// The sites at which the kept gradients are those of `value`, and WRONG where they are not: a gradient that was not
/// kept is wrong where values pass the site, and so is one that was where none do.
template <class Value>
std::string sites_with_gradients(const gradient_keeper& kept, const Value& value) {
    std::string names;
    sites::for_each_site([&]<class Site>(Site) {
        const std::vector<float>& gradient = kept.by_site[sites::number<Site>];
        const doubles slopes = slopes_at(sites::number<Site>, value);
        if (gradient.empty() && slopes.empty()) return;
        names += (are_slopes(gradient, slopes) ? "" : "WRONG:") + std::string(Site::name) + " ";
    });
    return names;
}

/// Slopes by the weights of a float32 matrix, which are moved in place; by what they did move, since they are rounded.
template <class Value>
doubles slopes_by_weights(std::span<float> weights, const Value& value) {
    constexpr float step = 0x1p-12F;
    doubles slopes;
    for (float& weight : weights) {
        const float before = weight, higher = before + step, lower = before - step;
        const auto at = [&](float moved) {
            weight = moved;
            moved_value none;
            return value(none);
        };
        slopes.push_back((at(higher) - at(lower)) / (static_cast<double>(higher) - static_cast<double>(lower)));
        weight = before;
    }
    return slopes;
}

/// Whether all are 0 but for rounding.
inline bool are_zero(const doubles& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::abs(value) < 1e-6; });
}

/// Names of the matrices of a part whose kept gradients are not those of `value`. One that was not kept is 0, as that
/// of an expert that nobody chose; so is that of queries where a token sees itself alone, but for rounding.
template <class Part, class Value>
std::string matrices_without_gradients(both_ways& pass, Part& part, const Value& value) {
    std::string names;
    part.for_each_parameter(pass.layer.traits, [&]<class Slot>(layer_parameter name, parameter_shape, Slot& slot) {
        if constexpr (std::same_as<Slot, matrix_parameter>) {
            const doubles slopes = slopes_by_weights(pass.layer.values_of(slot), value);
            doubles& kept = pass.kept.by_matrix[{-1, name.role, name.expert}];
            kept.resize(std::max(kept.size(), slopes.size()));
            const std::vector<float> gradient(kept.begin(), kept.end());
            if (!slopes.empty() && (are_slopes(gradient, slopes) || (are_zero(kept) && are_zero(slopes)))) return;
            names += std::string(name_of(name.role)) + " " + std::to_string(name.expert) + " ";
        }
    });
    return names;
}

/// Sum of the products: the function of a block's output that is differentiated.
inline double product_sum(const_matrix_view factors, const sequence& values) {
    double sum = 0;
    for (std::size_t t = 0; t < values.size(); ++t)
        for (std::size_t i = 0; i < values[t].size(); ++i) sum += static_cast<double>(factors[t][i]) * values[t][i];
    return sum;
}

}  // namespace blocks

#endif
