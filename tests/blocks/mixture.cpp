// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Routed experts by their formula and bit by bit; what they cost, and what a tap sees of them and can change.
#include <unloop/blocks/mixture.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <unloop/blocks/router.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <concepts>  // same_as
#include <numeric>   // iota
#include <set>       // chosen experts
#include <string>    // order of sites

#include "expert_formulas.hpp"
#include "small_layer.hpp"

using namespace blocks;

namespace mixture_test {
namespace {

constexpr std::size_t hidden = 16, length = 21;

using mixtral_experts = mixture<softmax_top_k<routes_normed_stream, experts_as_weighed>, kernels::silu_t,  //
                                experts_read_normed>;
using gemma4_experts = mixture<softmax_top_k<routes_scaled_stream, experts_scaled>, kernels::gelu_tanh_t,
                               experts_read_own_norm<unloop::rms_norm>>;

layer_traits small_traits(std::size_t experts = 7, std::size_t used = 3) {
    layer_traits traits;
    traits.hidden = hidden, traits.norm_epsilon = 1e-3F;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    traits.experts = experts, traits.experts_used = used, traits.expert_width = 10;
    return traits;
}

struct inputs {
    std::vector<float> stream = random_floats(length * hidden, 1, 2.0), norm = random_floats(length * hidden, 2, 2.0);
    [[nodiscard]] feed_forward_input rows(std::size_t first, std::size_t count) const {
        return {{stream.data() + first * hidden, count, hidden}, {norm.data() + first * hidden, count, hidden}};
    }
};

/// Outputs of all tokens in chunks.
template <class Experts, class Executor, class Tap>
std::vector<float> outputs(small_layer& layer, const Experts& experts, const inputs& in, Executor& executor, Tap& tap,
                           std::size_t chunk = length) {
    std::vector<float> out(length * hidden, 1e30F);
    for (std::size_t first = 0; first < length; first += chunk) {
        const std::size_t count = std::min(chunk, length - first);
        const auto tokens = tokens_of_row(0, first, count);
        auto run = layer.run(tokens, executor, tap);
        experts.forward(run, in.rows(first, count), matrix_view(out.data() + first * hidden, count, hidden));
    }
    return out;
}

/// Keeps the choice, its weights and neurons, and the output.
struct listener {
    std::string order;
    std::vector<std::int32_t> chosen, chosen_at_neurons;
    std::vector<float> weights, neurons, output;
    static void keep(matrix_view values, std::vector<float>& to) {
        for (std::size_t t = 0; t < values.rows(); ++t) to.insert(to.end(), values[t].begin(), values[t].end());
    }
    void operator()(sites::expert_weights, const tap_place& place, matrix_view values) {
        order += "weights ", keep(values, weights);
        chosen.insert(chosen.end(), place.experts.begin(), place.experts.end());
    }
    void operator()(sites::expert_neurons, const tap_place& place, matrix_view values) {
        order += "neurons ", keep(values, neurons);
        CHECK(place.layer == 7);
        CHECK(place.experts.size() == values.rows());
        CHECK(values.rows() % place.tokens.size() == 0);
        chosen_at_neurons.insert(chosen_at_neurons.end(), place.experts.begin(), place.experts.end());
    }
    void operator()(sites::experts_output, const tap_place& place, matrix_view values) {
        order += "output ", keep(values, output);
        CHECK(place.experts.empty());
    }
};

/// Keeps what a formula finds at the sites of a token's experts.
struct formula_keeper {
    doubles weights, neurons;
    template <class Site>
    void operator()(Site, std::size_t, const doubles& values) {
        if (std::same_as<Site, sites::expert_weights>) weights = values;
        if (std::same_as<Site, sites::expert_neurons>) neurons.insert(neurons.end(), values.begin(), values.end());
    }
};

/// Multiplies the weight of one expert where it was chosen.
struct weighing {
    std::int32_t expert;
    float factor;
    void operator()(sites::expert_weights, const tap_place& place, matrix_view values) const {
        for (std::size_t pair = 0; pair < place.experts.size(); ++pair)
            if (place.experts[pair] == expert) values[pair / values.columns()][pair % values.columns()] *= factor;
    }
};

/// Multiplies one neuron of one expert.
struct scaling {
    std::int32_t expert;
    std::size_t neuron;
    float factor;
    void operator()(sites::expert_neurons, const tap_place& place, matrix_view values) const {
        for (std::size_t pair = 0; pair < values.rows(); ++pair)
            if (place.experts[pair] == expert) values[pair][neuron] *= factor;
    }
};

/// All tokens choose the lowest experts.
struct lowest_first {
    void operator()(sites::router_logits, const tap_place&, matrix_view values) const {
        for (std::size_t t = 0; t < values.rows(); ++t) std::fill(values[t].begin(), values[t].end(), 0.0F);
    }
};

weight_view scaled_row(const weight_view& weights, std::size_t row, float factor, std::vector<float>& memory) {
    memory.resize(weights.rows * weights.columns);
    for (std::size_t r = 0; r < weights.rows; ++r)
        decode_row(weights, r, std::span(memory).subspan(r * weights.columns, weights.columns));
    for (std::size_t k = 0; k < weights.columns; ++k) memory[row * weights.columns + k] *= factor;
    return as_weights(const_matrix_view(memory.data(), weights.rows, weights.columns));
}

}  // namespace

TEMPLATE_TEST_CASE("a mixture is the weighted sum of what the chosen experts put out, and its sites say so", "",
                   mixtral_experts, gemma4_experts) {
    for (const auto& [all, used] : {std::pair{7U, 3U}, {4U, 1U}, {3U, 3U}, {40U, 2U}}) {
        INFO(used << " of " << all);
        small_layer layer(small_traits(all, used), 1, length);
        TestType part;
        layer.fill(part);
        const inputs in;
        serial alone;
        listener heard;
        const auto out = outputs(layer, part, in, alone, heard);
        CHECK(heard.order == "weights neurons output ");
        CHECK(heard.chosen == heard.chosen_at_neurons);
        CHECK(same_bits(heard.output, out));
        REQUIRE(heard.chosen.size() == length * used);
        const std::size_t width = layer.traits.expert_width;
        for (std::size_t t = 0; t < length; ++t) {
            formula_keeper kept;
            const fed_token token{row_of(in.rows(0, length).stream, t), row_of(in.rows(0, length).normed, t),
                                  std::span(heard.chosen).subspan(t * used, used)};
            const doubles expected = fed(part, layer.traits, token, 0, kept);
            REQUIRE(difference(std::span(heard.weights).subspan(t * used, used), kept.weights) < 1e-5);
            REQUIRE(difference(std::span(heard.neurons).subspan(t * used * width, used * width), kept.neurons) < 1e-5);
            REQUIRE(difference(std::span(out).subspan(t * hidden, hidden), expected) < 2e-5);
        }
    }
}

TEMPLATE_TEST_CASE("a token's experts are summed in ascending order, bit for bit, whatever the chunk and the threads",
                   "", mixtral_experts, gemma4_experts) {
    small_layer layer(small_traits(), 1, length);
    TestType part;
    layer.fill(part);
    const inputs in;
    serial alone;
    listener heard;
    const auto out = outputs(layer, part, in, alone, heard);
    const std::size_t used = layer.traits.experts_used, width = layer.traits.expert_width;
    std::vector<float> sum(hidden), one(hidden);
    bool ascends_already = true;
    for (std::size_t t = 0; t < length; ++t) {
        std::vector<std::size_t> order(used);
        std::iota(order.begin(), order.end(), t * used);
        const auto by_expert = [&](std::size_t a, std::size_t b) { return heard.chosen[a] < heard.chosen[b]; };
        ascends_already = ascends_already && std::is_sorted(order.begin(), order.end(), by_expert);
        std::sort(order.begin(), order.end(), by_expert);
        std::fill(sum.begin(), sum.end(), 0.0F);
        for (const std::size_t pair : order) {
            const auto& expert = part.experts[static_cast<std::size_t>(heard.chosen[pair])];
            kernels::matmul(reference{}, expert.down, const_matrix_view(heard.neurons.data() + pair * width, 1, width),
                            matrix_view(one.data(), 1, hidden));
            kernels::scale(reference{}, heard.weights[pair], one);
            kernels::add(reference{}, one, sum);
        }
        REQUIRE(same_bits(std::span(out).subspan(t * hidden, hidden), sum));
    }
    CHECK_FALSE(ascends_already);
    no_tap none;
    for (const std::size_t chunk : {1U, 2U, 5U, 20U})
        CHECK(same_bits(outputs(layer, part, in, alone, none, chunk), out));
    for (const std::size_t threads : {2U, 3U, 8U}) {
        thread_pool pool(threads);
        CHECK(same_bits(outputs(layer, part, in, pool, none), out));
        CHECK(same_bits(outputs(layer, part, in, pool, none, 4), out));
    }
}

TEST_CASE("weights of an expert that no token chose are not read") {
    small_layer layer(small_traits(), 1, length);
    mixtral_experts part;
    layer.fill(part);
    const inputs in;
    serial alone;
    lowest_first tap;
    const auto out = outputs(layer, part, in, alone, tap);
    for (std::size_t e = layer.traits.experts_used; e < part.experts.size(); ++e)
        part.experts[e].gate.data = part.experts[e].up.data = part.experts[e].down.data = nullptr;
    CHECK(same_bits(outputs(layer, part, in, alone, tap), out));
    const std::vector<float> spoiled(hidden * layer.traits.expert_width, NAN);
    part.experts[0].down = as_weights(const_matrix_view(spoiled.data(), hidden, layer.traits.expert_width));
    CHECK(std::isnan(outputs(layer, part, in, alone, tap)[0]));
}

TEST_CASE("the weight of an expert times m at its site is its own scale times m") {
    small_layer layer(small_traits(), 1, length);
    gemma4_experts part;
    layer.fill(part);
    const inputs in;
    serial alone;
    no_tap none;
    const auto untouched = outputs(layer, part, in, alone, none);
    for (const float factor : {0.0F, -1.0F, 4.0F}) {
        weighing tap{5, factor};
        const auto tapped = outputs(layer, part, in, alone, tap);
        CHECK_FALSE(same_bits(tapped, untouched));
        gemma4_experts edited = part;
        std::vector<float> scale(part.router.scale.expert_scale.begin(), part.router.scale.expert_scale.end());
        scale[5] *= factor;
        edited.router.scale.expert_scale = scale;
        CHECK(same_bits(outputs(layer, edited, in, alone, none), tapped));
    }
}

TEST_CASE("a neuron of an expert times m at its site is its row of up times m") {
    small_layer layer(small_traits(), 1, length);
    mixtral_experts part;
    layer.fill(part);
    const inputs in;
    serial alone;
    no_tap none;
    const auto untouched = outputs(layer, part, in, alone, none);
    for (const float factor : {0.0F, -1.0F, 0.5F}) {
        scaling tap{2, 8, factor};
        const auto tapped = outputs(layer, part, in, alone, tap);
        CHECK_FALSE(same_bits(tapped, untouched));
        mixtral_experts edited = part;
        std::vector<float> memory;
        edited.experts[2].up = scaled_row(part.experts[2].up, 8, factor, memory);
        CHECK(same_bits(outputs(layer, edited, in, alone, none), tapped));
    }
}

TEST_CASE("a mixture has the parameters of its policies and three matrices an expert") {
    std::vector<std::pair<parameter_role, std::int32_t>> seen;
    const auto note = [&](layer_parameter name, parameter_shape shape, auto&) {
        seen.emplace_back(name.role, name.expert);
        if (name.expert < 0) return;
        const bool down = name.role == parameter_role::expert_down;
        CHECK(shape == (down ? parameter_shape{hidden, 10} : parameter_shape{10, hidden}));
    };
    gemma4_experts part;
    part.for_each_parameter(small_traits(2, 1), note);
    using enum parameter_role;
    const std::vector<std::pair<parameter_role, std::int32_t>> expected{
        {router_scale, -1}, {router, -1},     {expert_scale, -1}, {expert_norm, -1}, {expert_gate, 0},
        {expert_up, 0},     {expert_down, 0}, {expert_gate, 1},   {expert_up, 1},    {expert_down, 1}};
    CHECK(seen == expected);
}

}  // namespace mixture_test
