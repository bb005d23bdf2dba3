// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Every part of a layer that the library has keeps the laws of blocks, and parts that break one are found out.
#include <unloop/blocks.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include <archetypes/block.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/block.hpp>

#include <string>       // laws
#include <type_traits>  // remove_reference_t
#include <vector>       // laws

using namespace unloop;

namespace {

using broken_laws = std::vector<std::string>;

layer_traits some_traits() {
    layer_traits traits;
    traits.hidden = 20, traits.heads = 4, traits.key_value_heads = 2, traits.head_size = 6;
    traits.mlp_width = 26, traits.layer_input = 7;
    traits.experts = 5, traits.experts_used = 2, traits.expert_width = 9;
    traits.norm_epsilon = 1e-6F, traits.attention_scale = 0.4F;
    return traits;
}

layer_traits with_window(std::size_t window, bool values_from_keys = false) {
    layer_traits traits = some_traits();
    traits.window = window, traits.values_from_keys = values_from_keys;
    return traits;
}

/// Adds to a dense MLP a mistake.
template <class Mistake>
struct mistaken : gated_mlp<kernels::silu_t> {
    template <class Run>
    void forward(Run& run, const feed_forward_input& in, matrix_view out) const {
        gated_mlp::forward(run, in, out);
        Mistake{}(run, out);
    }
};
struct looks_at_neighbours {
    template <class Run>
    void operator()(Run&, matrix_view out) const {
        if (out.rows() > 1) out[0][0] += out[1][0];
    }
};
void add(float what, matrix_view out) {
    for (std::size_t t = 0; t < out.rows(); ++t)
        for (float& value : out[t]) value += what;
}
struct shows_threads {
    template <class Run>
    void operator()(Run& run, matrix_view out) const {
        add(static_cast<float>(run.executor.threads()), out);
    }
};
struct hears_taps {
    template <class Run>
    void operator()(Run& run, matrix_view out) const {
        if (listens_to<std::remove_reference_t<decltype(run.tap)>, sites::mlp_up>) add(1, out);
    }
};
struct writes_behind {
    template <class Run>
    void operator()(Run&, matrix_view out) const {
        out.data()[out.rows() * out.columns()] = 5;
    }
};
struct is_not_finite {
    template <class Run>
    void operator()(Run&, matrix_view out) const {
        out[0][0] = INFINITY;
    }
};
/// Adds to what is there instead of writing.
struct adds_to_out : gated_mlp<kernels::silu_t> {
    template <class Run>
    void forward(Run&, const feed_forward_input&, matrix_view out) const {
        add(1, out);
    }
};
struct visits_twice : gated_mlp<kernels::silu_t> {
    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        gated_mlp::for_each_parameter(traits, visit);
        visit(parameter_role::gate, parameter_shape{traits.mlp_width, traits.hidden}, gate);
    }
};
struct visits_less_and_less : gated_mlp<kernels::silu_t> {
    bool visited = false;
    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        if (!visited) gated_mlp::for_each_parameter(traits, visit);
        if (!gate.empty()) visited = true;
    }
};
/// Attention that sees no position before its chunk.
struct forgets : attention<grouped_heads, causal, rotary, own_keys_and_values> {
    template <class Run>
    void forward(Run& run, const_matrix_view normed, matrix_view out) const {
        attention::forward(run, normed, out);
        if (run.tokens[0].position > 0) out[0][0] = 0;
    }
};

using llama_layer_attention = attention<grouped_heads, causal, rotary, own_keys_and_values>;

broken_laws broken(const char* law) { return {law}; }

}  // namespace

TEST_CASE("attention of every kind keeps the laws of blocks") {
    for (const std::size_t window : {0U, 5U, 64U}) {
        INFO("window " << window);
        CHECK(laws::broken_attention_laws(attention<grouped_heads, causal, rotary, own_keys_and_values>{},
                                          with_window(window)) == broken_laws{});
        for (const bool values_from_keys : {false, true})
            CHECK(laws::broken_attention_laws(gemma4_attention{}, with_window(window, values_from_keys)) ==
                  broken_laws{});
    }
}

TEST_CASE("feed-forward parts of every kind keep the laws of blocks") {
    using dense = gated_mlp<kernels::gelu_tanh_t>;
    layer_traits no_experts = some_traits();
    no_experts.experts = no_experts.experts_used = 0;
    CHECK(laws::broken_feed_forward_laws(dense{}, some_traits()) == broken_laws{});
    CHECK(laws::broken_feed_forward_laws(mixtral_experts{}, some_traits()) == broken_laws{});
    CHECK(laws::broken_feed_forward_laws(gemma4_experts{}, some_traits()) == broken_laws{});
    for (const layer_traits& traits : {some_traits(), no_experts})
        CHECK(laws::broken_feed_forward_laws(beside<dense, gemma4_experts, rms_norm>{}, traits) == broken_laws{});
}

TEST_CASE("residual parts of every kind keep the laws of blocks") {
    CHECK(laws::broken_residual_laws(layer_input_gate<kernels::gelu_tanh_t, rms_norm>{}, some_traits()) ==
          broken_laws{});
    CHECK(laws::broken_residual_laws(layer_scale{}, some_traits()) == broken_laws{});
}

TEST_CASE("layers of every family keep the laws of blocks") {
    CHECK(laws::broken_layer_laws(llama_layer{}, some_traits()) == broken_laws{});
    CHECK(laws::broken_layer_laws(mixtral_layer{}, some_traits()) == broken_laws{});
    CHECK(laws::broken_layer_laws(gemma4_layer{}, with_window(5)) == broken_laws{});
    CHECK(laws::broken_layer_laws(gemma4_layer{}, with_window(0, true)) == broken_laws{});
}

TEST_CASE("the smallest parts keep the laws of blocks") {
    CHECK(laws::broken_residual_laws(archetypes::halves{}, some_traits()) == broken_laws{});
    CHECK(laws::broken_feed_forward_laws(archetypes::linear{}, some_traits()) == broken_laws{});
    CHECK(laws::broken_attention_laws(attention<grouped_heads, archetypes::one_back, rotary, own_keys_and_values>{},
                                      some_traits()) == broken_laws{});
    CHECK(laws::broken_feed_forward_laws(mixture<archetypes::hash_router, kernels::silu_t, experts_read_normed>{},
                                         some_traits()) == broken_laws{});
    // [laws]
    using layer = transformer_block<pre_norm<rms_norm>, llama_layer_attention, archetypes::linear, archetypes::halves>;
    for (const auto& law : laws::broken_layer_laws(layer{}, some_traits())) FAIL_CHECK(law);
    // [/laws]
}

TEST_CASE("parts that break a law are found out") {
    const layer_traits traits = some_traits();
    const auto found = [&](auto part) { return laws::broken_feed_forward_laws(part, traits); };
    CHECK(found(mistaken<looks_at_neighbours>{}) ==
          broken_laws{"the other rows of a batch do not show in a row's result",
                      "a sequence has the same bits in chunks of any size"});
    CHECK(found(mistaken<shows_threads>{}) == broken("the number of threads does not show in the result"));
    CHECK(found(mistaken<hears_taps>{}) == broken("a tap that writes nothing changes no bit"));
    CHECK(found(mistaken<writes_behind>{}) == broken("nothing is written behind out"));
    CHECK(found(mistaken<is_not_finite>{}).front() == "finite inputs give finite results");
    CHECK(found(adds_to_out{}).front() == "every element of out is written");
    CHECK(found(visits_twice{}) == broken("no parameter is visited twice"));
    CHECK(found(visits_less_and_less{}).front() == "every visit of the parameters is the same");
    CHECK(laws::broken_attention_laws(forgets{}, traits) ==
          broken("a sequence has the same bits in chunks of any size"));
}
