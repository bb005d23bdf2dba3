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

/// By the stream, and by what the wiring's norm makes of it; names the sites.
template <class Part>
std::string check_feed_forward(const layer_traits& traits, number_format format = number_format::f32) {
    both_ways pass(traits);
    Part part;
    pass.layer.fill(part, format);
    const std::size_t hidden = traits.hidden;
    const feed_forward_input in{pass.random(1, hidden), pass.random(2, hidden)};
    const feed_forward_gradient of{pass.zeros(length, hidden), pass.zeros(length, hidden)};
    const matrix_view out = pass.zeros(length, hidden), factors = pass.random(3, hidden);
    const matrix_view gradient = pass.scratch.copy(factors);
    pass.go([&](auto& run) { part.forward(run, in, out); }, [&](auto& run) { part.backward(run, in, gradient, of); });
    sequence stream = rows_of(in.stream), normed_stream = rows_of(in.normed);
    const auto value = [&](moved_value& at) {
        return product_sum(factors, of_tokens([&](std::size_t t) {
                               return fed(part, traits, {stream[t], normed_stream[t], pass.chosen_by(t)}, t, at);
                           }));
    };
    CHECK(is_gradient(of.stream, stream, value));
    CHECK(is_gradient(of.normed, normed_stream, value));
    return sites_with_gradients(pass.kept, value);
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
    for (const number_format format : tried_formats) {
        const layer_traits traits = traits_for(format);
        both_ways pass(traits);
        TestType router;
        pass.layer.fill(router, format);
        const std::size_t hidden = traits.hidden;
        const feed_forward_input in{pass.random(1, hidden), pass.random(2, hidden)};
        const feed_forward_gradient of{pass.zeros(length, hidden), pass.zeros(length, hidden)};
        const matrix_view factors = pass.random(3, traits.experts_used), gradient = pass.scratch.copy(factors);
        pass.go([&](auto& run) { router.route(run, in); }, [&](auto& run) { router.backward(run, in, gradient, of); });
        sequence stream = rows_of(in.stream), normed_stream = rows_of(in.normed);
        const auto value = [&](moved_value& at) {
            return product_sum(
                factors, of_tokens([&](std::size_t t) {
                    return routed_weights(router, traits, {stream[t], normed_stream[t], pass.chosen_by(t)}, t, at);
                }));
        };
        CHECK(is_gradient(of.stream, stream, value));
        CHECK(is_gradient(of.normed, normed_stream, value));
        pass.kept.by_site[sites::number<sites::expert_weights>] = values_of(factors);  // whoever called gave these
        CHECK(sites_with_gradients(pass.kept, value) == "router_logits router_top_k_weight ");
    }
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
