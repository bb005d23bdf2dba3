// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Layers of every family keep the laws of blocks on every backend: bit by bit where the backend is batch-invariant,
// within a tolerance elsewhere, and with the results of the plain loops.
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/block.hpp>

#include <string>
#include <vector>

#include "support/erased_backend.hpp"

using namespace unloop;

TEMPLATE_TEST_CASE("layers keep the laws of blocks on every backend", "", llama_layer, mixtral_layer, gemma4_layer) {
    layer_traits traits;
    traits.hidden = 20, traits.heads = 4, traits.key_value_heads = 2, traits.head_size = 6;
    traits.mlp_width = 26, traits.layer_input = 7;
    traits.experts = 5, traits.experts_used = 2, traits.expert_width = 9;
    traits.norm_epsilon = 1e-6F, traits.attention_scale = 0.4F;
    for (const test::named_backend& each : test::every_backend()) {
        INFO("backend " << each.name);
        const laws::block_claims claims{.tolerance = each.batch_invariant ? 0 : 1e-5, .agreement = 1e-5};
        CHECK(laws::broken_layer_laws(TestType{}, traits, claims, each.backend) == std::vector<std::string>{});
    }
}
