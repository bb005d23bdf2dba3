// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Every kind of layer carries gradients back as central differences say, and layers that do not are found out.
#include <catch2/catch_test_macros.hpp>
#include <unloop/blocks/mixture.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/llama.hpp>

#include <laws/backward.hpp>

using namespace unloop;

namespace {

using laws_broken = std::vector<std::string>;

using mixtral_like = transformer_block<
    pre_norm<unloop::rms_norm>, attention<grouped_heads, causal, rotary, own_keys_and_values>,
    mixture<softmax_top_k<routes_normed_stream, experts_as_weighed>, kernels::silu_t, experts_read_normed>>;

layer_traits small_traits() {
    layer_traits traits;
    traits.hidden = 12, traits.heads = 4, traits.key_value_heads = 2, traits.head_size = 4;
    traits.mlp_width = 14, traits.norm_epsilon = 1e-3F, traits.attention_scale = 0.4F;
    return traits;
}
layer_traits with_experts(std::size_t mlp_width) {
    layer_traits traits = small_traits();
    traits.mlp_width = mlp_width;
    traits.experts = 5, traits.experts_used = 2, traits.expert_width = 9;
    return traits;
}

using gemma_embedding = embedding_with_layer_inputs<token_embedding, unloop::rms_norm>;

/// A dense MLP that forgets half of its gradient.
struct forgets_up : gated_mlp<kernels::silu_t> {
    template <class Run>
    void backward(Run& run, const feed_forward_input& in, matrix_view gradient, const feed_forward_gradient& to) const {
        gated_mlp::backward(run, in, gradient, to);
        for (float& value : to.normed[0]) value *= 0.5F;
    }
};

/// Tells the gradient of a matrix twice.
struct tells_down_twice : gated_mlp<kernels::silu_t> {
    template <class Run>
    void backward(Run& run, const feed_forward_input& in, matrix_view gradient, const feed_forward_gradient& to) const {
        run.notify_weights(parameter_role::down, run.record.template values<sites::mlp_neurons>(), gradient);
        gated_mlp::backward(run, in, gradient, to);
    }
};

template <class FeedForward>
using llama_with = transformer_block<pre_norm<unloop::rms_norm>,
                                     attention<grouped_heads, causal, rotary, own_keys_and_values>, FeedForward>;

}  // namespace

TEST_CASE("layers of the Llama family carry gradients back, in both layouts and with windows") {
    layer_traits traits = small_traits();
    // [laws]
    CHECK(laws::broken_backward_laws<llama_layer>(traits) == laws_broken{});
    // [/laws]
    traits.window = 3, traits.rotary_pairs = rotary_layout::interleaved;
    CHECK(laws::broken_backward_laws<llama_layer>(traits) == laws_broken{});
}

TEST_CASE("layers of routed experts carry gradients back through neurons, weights and router") {
    CHECK(laws::broken_backward_laws<mixtral_like>(with_experts(0)) == laws_broken{});
    CHECK(laws::broken_backward_laws<gemma4_layer, gemma_embedding>(with_experts(14)) == laws_broken{});
}

TEST_CASE("layers of Gemma 4 carry gradients back through norms, shared keys, K=V and inputs of their own") {
    layer_traits traits = small_traits();
    traits.layer_input = 5;
    CHECK(laws::broken_backward_laws<gemma4_layer, gemma_embedding>(traits, {.shares_key_values = true}) ==
          laws_broken{});
    traits.layer_input = 0, traits.values_from_keys = true, traits.window = 4;
    CHECK(laws::broken_backward_laws<gemma4_layer, gemma_embedding>(traits) == laws_broken{});
}

TEST_CASE("a layer that loses a part of the gradient, or tells one of weights twice, is found out") {
    CHECK_FALSE(laws::broken_backward_laws<llama_with<forgets_up>>(small_traits()).empty());
    CHECK(laws::broken_backward_laws<llama_with<tells_down_twice>>(small_traits()) ==
          laws_broken{"gradients of down are central differences"});
}
