// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What happens to a target's activation at its site, on values made by hand.
#include <unloop/blocks/target_site.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <vector>

namespace {

using namespace unloop;

static_assert(target_site_type<sites::mlp_neurons> && target_site_type<sites::expert_weights> &&
              target_site_type<sites::expert_neurons> && target_site_type<sites::attention_heads>);
static_assert(!target_site_type<sites::residual> && !target_site_type<sites::router_logits>);

/// Two tokens of which each chose two experts.
struct routed {
    std::vector<batch_token> tokens = std::vector<batch_token>(2);
    std::vector<std::int32_t> experts{3, 1, 0, 3};
    [[nodiscard]] tap_place place() const { return {0, tokens, experts}; }
};

}  // namespace

TEST_CASE("an expert is scaled where it was chosen, whatever its rank") {
    const routed at;
    for (const auto& [t, wanted] : {std::pair{0U, std::vector<float>{10, 2, 3, 4}}, {1U, {1, 2, 3, 40}}}) {
        std::vector<float> weights{1, 2, 3, 4};
        scale_target(expert_id{0, 3}, 10.0F, at.place(), t, matrix_view(weights.data(), 2, 2));
        CHECK(weights == wanted);
    }
    std::vector<float> weights{1, 2, 3, 4};
    scale_target(expert_id{0, 7}, 10.0F, at.place(), 0, matrix_view(weights.data(), 2, 2));
    CHECK(weights == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("a neuron of an expert is scaled in the rows of that expert") {
    const routed at;
    std::vector<float> neurons(4 * 3, 1.0F);  // 4 choices of experts with 3 neurons
    const matrix_view values(neurons.data(), 4, 3);
    scale_target(expert_neuron_id{0, 3, 2}, 5.0F, at.place(), 0, values);
    CHECK(neurons == std::vector<float>{1, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    scale_target(expert_neuron_id{0, 3, 2}, 5.0F, at.place(), 1, values);
    CHECK(neurons == std::vector<float>{1, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 5});
}

TEST_CASE("a head is scaled in its own columns") {
    const std::vector<batch_token> tokens(2);
    std::vector<float> values{1, 2, 3, 4, 5, 6, INFINITY, 2, NAN, 4, 5, 6};
    const matrix_view two(values.data(), 2, 6);
    scale_target(head_id{0, 1}, -1.0F, {0, tokens, {}, 2}, 0, two);
    scale_target(head_id{0, 0}, 0.0F, {0, tokens, {}, 3}, 1, two);
    CHECK(values == std::vector<float>{1, 2, -3, -4, 5, 6, 0, 0, 0, 4, 5, 6});
}

TEST_CASE("a factor of 0 writes 0 whatever was there") {
    const routed at;
    std::vector<float> values{INFINITY, NAN, -1.0F, 2.0F};
    const matrix_view two(values.data(), 2, 2);
    scale_target(neuron_id{0, 0}, 0.0F, at.place(), 0, two);
    scale_target(expert_id{0, 1}, 0.0F, at.place(), 0, two);
    scaled_target<expert_id>{{0, 0}, 0.0F}(at.place(), 1, two);
    CHECK(values == std::vector<float>{0, 0, 0, 2});
    CHECK_FALSE(std::signbit(values[2]));
}

TEST_CASE("a masked expert has a logit of minus infinity") {
    const routed at;
    std::vector<float> logits{1, 2, 3, 4, 5, 6, 7, 8};
    masked_expert{{0, 2}}(at.place(), 1, matrix_view(logits.data(), 2, 4));
    CHECK(logits == std::vector<float>{1, 2, 3, 4, 5, 6, -INFINITY, 8});
}
