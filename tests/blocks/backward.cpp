// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Whole layers, and what is in no branch of theirs, carry gradients back as slopes of their formulas in double say.
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>  // equal, max, max_element
#include <cmath>      // abs
#include <string>     // names of sites

#include "layer_formulas.hpp"
#include "slopes.hpp"

using namespace blocks;

namespace backward_test {
namespace {

constexpr std::size_t length = both_ways::length;

/// By the stream, by the layer's own input and by weights of float32; names the sites.
template <class Part>
std::string check_residual_part(const layer_traits& traits, number_format format) {
    both_ways pass(traits);
    Part part;
    pass.layer.fill(part, format);
    const matrix_view x = pass.random(1, traits.hidden), factors = pass.random(2, traits.hidden);
    const matrix_view stream = pass.scratch.copy(x), gradient = pass.scratch.copy(factors);
    pass.go([&](auto& run) { part.apply(run, stream); }, [&](auto& run) { part.backward(run, x, gradient); });
    sequence entering = rows_of(x), inputs = rows_of(pass.layer.layer_input.rows(0, length));
    const auto value = [&](moved_value& at) {
        return product_sum(
            factors, of_tokens([&](std::size_t t) { return passed_on(part, traits, entering[t], inputs[t], t, at); }));
    };
    CHECK(is_gradient(gradient, entering, value));
    CHECK(is_gradient(pass.of_layer_input, inputs, value));
    if (format == number_format::f32) CHECK(matrices_without_gradients(pass, part, value).empty());
    return sites_with_gradients(pass.kept, value);
}

/// By the stream that enters a layer, by the layer's own input and by weights; names the sites.
template <class Layer>
std::string check_layer(const layer_traits& traits) {
    both_ways pass(traits);
    Layer block;
    pass.layer.fill(block);
    const matrix_view x = pass.random(1, traits.hidden), factors = pass.random(2, traits.hidden);
    const matrix_view stream = pass.scratch.copy(x), gradient = pass.scratch.copy(factors);
    pass.go([&](auto& run) { block.forward(run, stream); }, [&](auto& run) { block.backward(run, gradient); });
    sequence entering = rows_of(x), inputs = rows_of(pass.layer.layer_input.rows(0, length));
    const auto value = [&](moved_value& at) {
        return product_sum(factors, layered(block, traits, {entering, inputs, pass.chosen()}, at));
    };
    CHECK(is_gradient(gradient, entering, value));
    CHECK(is_gradient(pass.of_layer_input, inputs, value));
    CHECK(matrices_without_gradients(pass, block, value).empty());
    return sites_with_gradients(pass.kept, value);
}

}  // namespace

TEST_CASE("gradients of a norm are slopes, with a weight and without") {
    const layer_traits traits = traits_for();
    both_ways pass(traits);
    const auto weight = random_floats(traits.hidden, 3);
    for (const unloop::rms_norm& norm : {unloop::rms_norm{weight}, unloop::rms_norm{}}) {
        const matrix_view x = pass.random(1, traits.hidden), factors = pass.random(2, traits.hidden);
        const matrix_view of_rows = pass.scratch.copy(factors), of_heads = pass.scratch.copy(factors);
        pass.go(stays, [&](auto& run) {
            norm.backward(run.backend, run.executor, traits.norm_epsilon, x, of_rows);
            for (std::size_t t = 0; t < length; ++t) norm.backward(run, x[t], of_heads[t]);
        });
        sequence inputs = rows_of(x);
        const auto value = [&](moved_value&) {
            return product_sum(
                factors, of_tokens([&](std::size_t t) { return normed(norm.weight, traits.norm_epsilon, inputs[t]); }));
        };
        CHECK(is_gradient(of_rows, inputs, value));
        CHECK(is_gradient(of_heads, inputs, value));
    }
}

TEST_CASE("gradients of a sandwich of norms are slopes, on the way into both branches and back") {
    const layer_traits traits = traits_for();
    both_ways pass(traits);
    sandwich_norm<unloop::rms_norm> wiring;
    pass.layer.fill(wiring);
    const matrix_view x = pass.random(1, traits.hidden), factors = pass.random(2, traits.hidden);
    const matrix_view gradients[] = {pass.scratch.copy(factors), pass.scratch.copy(factors), pass.scratch.copy(factors),
                                     pass.scratch.copy(factors)};
    pass.go(stays, [&](auto& run) {
        wiring.enter_attention_backward(run, x, gradients[0]), wiring.leave_attention_backward(run, x, gradients[1]);
        wiring.enter_feed_forward_backward(run, x, gradients[2]);
        wiring.leave_feed_forward_backward(run, x, gradients[3]);
    });
    sequence inputs = rows_of(x);
    const unloop::rms_norm* const norms[] = {&wiring.attention, &wiring.attention_output, &wiring.feed_forward,
                                             &wiring.feed_forward_output};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(is_gradient(gradients[i], inputs, [&](moved_value&) {
            return product_sum(factors, of_tokens([&](std::size_t t) {
                                   return normed(norms[i]->weight, traits.norm_epsilon, inputs[t]);
                               }));
        }));
    }
}

TEST_CASE("gradients of residual parts are slopes: a layer's own input behind its gate, and the layer scalar") {
    for (const number_format format : tried_formats) {
        layer_traits traits = traits_without_experts(format);
        CHECK(check_residual_part<layer_scale>(traits, format).empty());
        CHECK(check_residual_part<layer_input_gate<kernels::gelu_tanh_t, unloop::rms_norm>>(traits, format).empty());
        traits.layer_input = format == number_format::f32 ? 5 : 32;
        CHECK(check_residual_part<layer_input_gate<kernels::gelu_tanh_t, unloop::rms_norm>>(traits, format) ==
              "per_layer_inputs per_layer_out ");
    }
}

TEST_CASE("gradients of embeddings through the inputs of all layers are slopes") {
    using embedding_part = embedding_with_layer_inputs<token_embedding, unloop::rms_norm>;
    for (const number_format format : tried_formats) {
        both_ways pass(traits_for(format));
        const embedding_traits traits{.vocabulary = 9,
                                      .hidden = pass.layer.traits.hidden,
                                      .layers = 3,
                                      .layer_input = format == number_format::f32 ? 5U : 32U,
                                      .norm_epsilon = 1e-3F};
        embedding_part embedding;
        laws::random_parameters weights(0.6, 100, format);
        embedding.for_each_parameter(traits, weights);
        const matrix_view embedded = pass.random(1, traits.hidden), of_embedded = pass.zeros(length, traits.hidden);
        const matrix_view factors = pass.random(2, traits.layers * traits.layer_input);
        const matrix_view gradient = pass.scratch.copy(factors);
        serial alone;
        embedding.layer_inputs_backward(reference{}, alone, traits, embedded, gradient, pass.scratch, of_embedded);
        sequence inputs = rows_of(embedded);
        CHECK(is_gradient(of_embedded, inputs, [&](moved_value&) {
            return product_sum(factors, of_tokens([&](std::size_t t) {
                                   return layer_inputs_of(embedding, traits, t, inputs[t], [&](const doubles& x) {
                                       return normed(embedding.layer_norm.weight, traits.norm_epsilon, x);
                                   });
                               }));
        }));
    }
}

TEST_CASE("gradients of a tied head are slopes, with a soft-cap and without") {
    constexpr std::size_t vocabulary = 23;
    for (const number_format format : tried_formats)
        for (const float cap : {0.0F, 2.0F}) {
            both_ways pass(traits_for(format));
            const std::size_t hidden = pass.layer.traits.hidden;
            token_embedding embedding;
            laws::random_parameters weights(0.6, 100, format);
            embedding.for_each_parameter(embedding_traits{.vocabulary = vocabulary, .hidden = hidden}, weights);
            const language_head head{embedding.table};
            const matrix_view x = pass.random(1, hidden), of_x = pass.zeros(length, hidden);
            const matrix_view factors = pass.random(2, vocabulary), gradient = pass.scratch.copy(factors);
            const matrix_view logits = pass.zeros(length, vocabulary);
            serial alone;
            head.forward(reference{}, alone, cap, x, logits);
            head.backward(reference{}, alone, cap, logits, gradient, of_x);
            sequence inputs = rows_of(x);
            CHECK(is_gradient(of_x, inputs, [&](moved_value&) {
                return product_sum(factors, of_tokens([&](std::size_t t) { return logits_of(head, cap, inputs[t]); }));
            }));
        }
}

TEST_CASE("gradients of whole layers of every family are slopes") {
    CHECK(check_layer<unloop::llama_layer>(traits_without_experts()) ==
          "attn_heads attn_out mlp_gate mlp_up mlp_neurons mlp_out ");
    CHECK(check_layer<mixtral_layer>(traits_for()) ==
          "attn_heads attn_out router_logits router_top_k_weight expert_neurons experts_out mlp_out ");
    layer_traits traits = traits_for();
    traits.layer_input = 5, traits.window = 3, traits.values_from_keys = true;
    CHECK(check_layer<gemma4_layer>(traits) ==
          "attn_heads attn_out mlp_gate mlp_up mlp_neurons dense_out router_logits router_top_k_weight expert_neurons "
          "experts_out mlp_out per_layer_inputs per_layer_out ");
}

TEST_CASE("a gradient with one element off by one percent is not taken for slopes") {
    sequence numbers = rows_of(both_ways(traits_for()).random(1, 12));
    const auto value = [&](moved_value&) {
        double sum = 0;
        for (const doubles& x : numbers)
            for (const double number : normed({}, 1e-3F, x)) sum += number * number * number;
        return sum;
    };
    const doubles slopes = slopes_by(numbers, value);
    const std::vector<float> gradient(slopes.begin(), slopes.end());
    CHECK(are_slopes(gradient, slopes));
    double largest = 0;
    for (const double slope : slopes) largest = std::max(largest, std::abs(slope));
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        std::vector<float> wrong = gradient;
        wrong[i] += static_cast<float>(0.01 * largest);
        CHECK_FALSE(are_slopes(wrong, slopes));
        wrong = gradient, wrong[i] *= 1.01F;
        CHECK(are_slopes(wrong, slopes) == (std::abs(slopes[i]) * 0.01 < gradient_tolerance * largest));
    }
}

TEST_CASE("a gradient of weights that is missing or off is named") {
    both_ways pass(traits_without_experts());
    gated_mlp<kernels::silu_t> mlp;
    pass.layer.fill(mlp);
    sequence inputs = rows_of(pass.random(1, pass.layer.traits.hidden));
    const matrix_view factors = pass.random(2, pass.layer.traits.hidden);
    const auto value = [&](moved_value&) {
        return product_sum(factors, of_tokens([&](std::size_t t) { return gated(mlp, inputs[t]); }));
    };
    const auto weights = pass.layer.values_of(mlp.up);
    const std::vector<float> before(weights.begin(), weights.end());
    const doubles gates = slopes_by_weights(pass.layer.values_of(mlp.gate), value);
    doubles ups = slopes_by_weights(weights, value);
    CHECK(std::equal(before.begin(), before.end(), weights.begin()));
    pass.kept.by_matrix[{-1, parameter_role::gate}] = gates;
    pass.kept.by_matrix[{-1, parameter_role::up}] = ups;
    CHECK(matrices_without_gradients(pass, mlp, value) == "down -1 ");
    *std::max_element(ups.begin(), ups.end()) *= 1.01;
    pass.kept.by_matrix[{-1, parameter_role::up}] = ups;
    CHECK(matrices_without_gradients(pass, mlp, value) == "up -1 down -1 ");
}

TEST_CASE("a gradient that is missing, at a site or in a part, is not taken for slopes") {
    const doubles slopes{0.5, 0, -1};
    CHECK(are_slopes(std::vector{0.5F, 0.0F, -1.0F}, slopes));
    CHECK_FALSE(are_slopes(std::vector{0.5F, 0.0F}, slopes));
    const auto value = [](moved_value& at) {
        doubles ups{1, 2};
        at(sites::mlp_up{}, 0, ups);
        return ups[0] - 2 * ups[1];
    };
    gradient_keeper kept;
    CHECK(sites_with_gradients(kept, value) == "WRONG:mlp_up ");
    kept.by_site[sites::number<sites::mlp_up>] = {1, -2};
    CHECK(sites_with_gradients(kept, value) == "mlp_up ");
    kept.by_site[sites::number<sites::mlp_gate>] = {1, -2};
    CHECK(sites_with_gradients(kept, value) == "WRONG:mlp_gate mlp_up ");
}

}  // namespace backward_test
