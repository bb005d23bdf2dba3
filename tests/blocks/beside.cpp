// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A dense MLP and experts side by side: the sum of their norms, or the dense MLP alone where a layer has no experts.
#include <unloop/blocks/beside.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/blocks/mixture.hpp>
#include <unloop/blocks/router.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <string>  // order of sites

#include "small_layer.hpp"

using namespace blocks;

namespace beside_test {
namespace {

constexpr std::size_t hidden = 16, length = 12;
constexpr float epsilon = 1e-3F;

using dense_part = gated_mlp<kernels::gelu_tanh_t>;
using experts_part = mixture<softmax_top_k<routes_scaled_stream, experts_scaled>, kernels::gelu_tanh_t,
                             experts_read_own_norm<unloop::rms_norm>>;
using both_parts = beside<dense_part, experts_part, unloop::rms_norm>;

layer_traits small_traits(std::size_t experts) {
    layer_traits traits;
    traits.hidden = hidden, traits.mlp_width = 9, traits.norm_epsilon = epsilon;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    if (experts > 0) traits.experts = experts, traits.experts_used = 2, traits.expert_width = 6;
    return traits;
}

struct order_of_sites {
    std::string order;
    template <class Site>
    void operator()(Site, const tap_place&, matrix_view) {
        order += std::string(Site::name) + " ";
    }
};

struct silence {
    bool dense = false, experts = false;
    static void clear(matrix_view values) {
        for (std::size_t t = 0; t < values.rows(); ++t) std::fill(values[t].begin(), values[t].end(), 0.0F);
    }
    void operator()(sites::dense_output, const tap_place&, matrix_view values) const {
        if (dense) clear(values);
    }
    void operator()(sites::experts_output, const tap_place&, matrix_view values) const {
        if (experts) clear(values);
    }
};

template <class Part, class Executor, class Tap>
std::vector<float> outputs(small_layer& layer, const Part& part, Executor& executor, Tap& tap) {
    const auto stream = random_floats(length * hidden, 1, 2.0), norm = random_floats(length * hidden, 2, 2.0);
    std::vector<float> out(length * hidden, 1e30F);
    const auto tokens = tokens_of_row(0, 0, length);
    auto run = layer.run(tokens, executor, tap);
    part.forward(run, feed_forward_input{{stream.data(), length, hidden}, {norm.data(), length, hidden}},
                 matrix_view(out.data(), length, hidden));
    return out;
}

/// norm(a) + norm(b), row by row.
bool is_sum(const std::vector<float>& out, const both_parts& part, const std::vector<float>& dense,
            const std::vector<float>& experts) {
    double apart = 0;
    for (std::size_t t = 0; t < length; ++t) {
        const const_matrix_view a(dense.data(), length, hidden), b(experts.data(), length, hidden);
        doubles expected = normed(part.dense_norm.weight, epsilon, row_of(a, t));
        const doubles other = normed(part.experts_norm.weight, epsilon, row_of(b, t));
        for (std::size_t i = 0; i < hidden; ++i) expected[i] += other[i];
        apart = std::max(apart, difference(std::span(out).subspan(t * hidden, hidden), expected));
    }
    return apart < 1e-5;
}

}  // namespace

TEST_CASE("with experts: norm(dense) + norm(experts), each norm its own") {
    small_layer layer(small_traits(5), 1, length);
    both_parts part;
    layer.fill(part);
    serial alone;
    no_tap none;
    order_of_sites heard;
    const auto out = outputs(layer, part, alone, heard);
    CHECK(heard.order ==
          "mlp_gate mlp_up mlp_neurons dense_out router_logits router_prob router_top_k_weight expert_neurons "
          "experts_out ");
    const auto dense = outputs(layer, part.dense, alone, none), experts = outputs(layer, part.experts, alone, none);
    CHECK(is_sum(out, part, dense, experts));
    const std::vector<float> zero(length * hidden);
    silence no_dense{.dense = true}, no_experts{.experts = true};
    CHECK(is_sum(outputs(layer, part, alone, no_dense), part, zero, experts));
    CHECK(is_sum(outputs(layer, part, alone, no_experts), part, dense, zero));
    thread_pool pool(3);
    CHECK(same_bits(outputs(layer, part, pool, none), out));
}

TEST_CASE("without experts: the dense part as it is") {
    small_layer layer(small_traits(0), 1, length);
    both_parts part;
    layer.fill(part);
    serial alone;
    no_tap none;
    order_of_sites heard;
    const auto out = outputs(layer, part, alone, heard);
    CHECK(heard.order == "mlp_gate mlp_up mlp_neurons ");
    CHECK(same_bits(out, outputs(layer, part.dense, alone, none)));
}

TEST_CASE("norms and experts are parameters of layers that have experts") {
    both_parts part;
    std::vector<parameter_role> roles;
    const auto note = [&](layer_parameter name, parameter_shape, auto&) {
        if (name.expert <= 0) roles.push_back(name.role);
    };
    part.for_each_parameter(small_traits(0), note);
    using enum parameter_role;
    CHECK(roles == std::vector{gate, up, down});
    roles.clear();
    part.for_each_parameter(small_traits(5), note);
    CHECK(roles == std::vector{gate, up, down, dense_output_norm, router_scale, router, expert_scale, expert_norm,
                               expert_gate, expert_up, expert_down, expert_output_norm});
}

}  // namespace beside_test
