// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Feed-forward parts and routers carry gradients back as slopes of their formulas in double say.
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include <catch2/catch_template_test_macros.hpp>

#include <string>  // names of sites

#include "expert_formulas.hpp"
#include "slopes.hpp"

using namespace blocks;

namespace feed_forward_backward_test {
namespace {

constexpr std::size_t length = both_ways::length;

/// A part or a router, the tokens that enter it, and gradients by them.
template <class Part>
struct fed_part {
    both_ways pass;
    Part part;
    feed_forward_input in;
    feed_forward_gradient of;
    number_format format;

    fed_part(const layer_traits& traits, number_format of_weights) : pass(traits), format(of_weights) {
        pass.layer.fill(part, format);
        const std::size_t hidden = traits.hidden;
        in = {pass.random(1, hidden), pass.random(2, hidden)};
        of = {pass.zeros(length, hidden), pass.zeros(length, hidden)};
    }
    /// By the stream, by what the wiring's norm makes of it, and by weights of float32; `formula(token, row,
    /// moved_value&)` of one token, `factors` of what it puts out. Names the sites.
    template <class Formula>
    std::string sites_checked(const_matrix_view factors, const Formula& formula) {
        sequence stream = rows_of(in.stream), normed_stream = rows_of(in.normed);
        const auto value = [&](moved_value& at) {
            return product_sum(factors, of_tokens([&](std::size_t t) {
                                   return formula(fed_token{stream[t], normed_stream[t], pass.chosen_by(t)}, t, at);
                               }));
        };
        CHECK(is_gradient(of.stream, stream, value));
        CHECK(is_gradient(of.normed, normed_stream, value));
        if (format == number_format::f32) CHECK(matrices_without_gradients(pass, part, value).empty());
        return sites_with_gradients(pass.kept, value);
    }
};

template <class Part>
std::string check_feed_forward(const layer_traits& traits, number_format format = number_format::f32) {
    fed_part<Part> tried(traits, format);
    both_ways& pass = tried.pass;
    const matrix_view out = pass.zeros(length, traits.hidden), factors = pass.random(3, traits.hidden);
    const matrix_view gradient = pass.scratch.copy(factors);
    pass.go([&](auto& run) { tried.part.forward(run, tried.in, out); },
            [&](auto& run) { tried.part.backward(run, tried.in, gradient, tried.of); });
    return tried.sites_checked(factors, [&](const fed_token& token, std::size_t t, moved_value& at) {
        return fed(tried.part, traits, token, t, at);
    });
}

template <class Router>
std::string check_router(const layer_traits& traits, number_format format) {
    fed_part<Router> tried(traits, format);
    both_ways& pass = tried.pass;
    const matrix_view factors = pass.random(3, traits.experts_used), gradient = pass.scratch.copy(factors);
    pass.go([&](auto& run) { tried.part.route(run, tried.in); },
            [&](auto& run) { tried.part.backward(run, tried.in, gradient, tried.of); });
    pass.kept.by_site[sites::number<sites::expert_weights>] = values_of(factors);  // whoever called gave these
    return tried.sites_checked(factors, [&](const fed_token& token, std::size_t t, moved_value& at) {
        return routed_weights(tried.part, traits, token, t, at);
    });
}

using normed_router = softmax_top_k<routes_normed_stream, experts_as_weighed>;
using scaled_router = softmax_top_k<routes_scaled_stream, experts_scaled>;
using other_router = softmax_top_k<routes_normed_stream, experts_scaled>;

}  // namespace

TEMPLATE_TEST_CASE("gradients of a gated MLP are slopes, also by gates, ups and neurons", "", kernels::silu_t,
                   kernels::gelu_tanh_t) {
    for (const number_format format : tried_formats)
        CHECK(check_feed_forward<gated_mlp<TestType>>(traits_without_experts(format), format) ==
              "mlp_gate mlp_up mlp_neurons ");
}

TEMPLATE_TEST_CASE("gradients of a router are slopes of its weights, the choice held fixed", "", normed_router,
                   scaled_router, other_router) {
    for (const number_format format : tried_formats)
        CHECK(check_router<TestType>(traits_for(format), format) == "router_logits router_top_k_weight ");
}

TEMPLATE_TEST_CASE("gradients of routed experts are slopes, also by neurons and weights of the chosen", "",
                   mixtral_experts, gemma4_experts) {
    for (const number_format format : tried_formats)
        CHECK(check_feed_forward<TestType>(traits_for(format), format) ==
              "router_logits router_top_k_weight expert_neurons experts_out ");
}

TEST_CASE("gradients of a dense MLP beside experts are slopes, and of one alone where the layer has no experts") {
    using both_parts = beside<gated_mlp<kernels::gelu_tanh_t>, gemma4_experts, unloop::rms_norm>;
    CHECK(check_feed_forward<both_parts>(traits_for()) ==
          "mlp_gate mlp_up mlp_neurons dense_out router_logits router_top_k_weight expert_neurons experts_out ");
    CHECK(check_feed_forward<both_parts>(traits_without_experts()) == "mlp_gate mlp_up mlp_neurons ");
}

}  // namespace feed_forward_backward_test
