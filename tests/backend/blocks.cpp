// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Layers of every family keep the laws of blocks on every backend, with weights of every format: bit by bit where the
// backend is batch-invariant, within a tolerance elsewhere, and with the results of the plain loops.
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/block.hpp>

#include <limits>
#include <string>
#include <vector>

#include "support/erased_backend.hpp"

using namespace unloop;

namespace {

/// Widths that no vector divides, or whole blocks of a format that has them.
layer_traits traits_for(number_format format) {
    layer_traits traits;
    traits.experts = 5, traits.experts_used = 2, traits.norm_epsilon = 1e-6F, traits.attention_scale = 0.4F;
    traits.heads = 4, traits.key_value_heads = 2;
    if (visit_format(format, [](auto each) { return each.block_values; }) == 1) {
        traits.hidden = 20, traits.head_size = 6, traits.mlp_width = 26, traits.layer_input = 7;
        traits.expert_width = 9;
    } else {
        traits.hidden = 64, traits.head_size = 8, traits.mlp_width = 96, traits.layer_input = 32;
        traits.expert_width = 32;
    }
    return traits;
}

/// Backends that are not batch-invariant, and all of them compared with the plain loops, within 1e-5 of 1 + magnitude.
/// A backend that rounds activations answers for its own bits: another choice of an expert has no bound.
laws::block_claims claims_of(const test::named_backend& each, number_format format) {
    const bool exact = !each.rounds_activations() || format == number_format::f32 || format == number_format::f16;
    return {.tolerance = each.batch_invariant ? 0 : 1e-5,
            .agreement = exact ? 1e-5 : std::numeric_limits<double>::max(),
            .weights = format};
}

template <class Layer>
void check_layer(const layer_traits& traits, number_format format) {
    for (const test::named_backend& each : test::every_backend()) {
        INFO("backend " << each.name << ", weights " << name_of(format));
        CHECK(laws::broken_layer_laws(Layer{}, traits, claims_of(each, format), each.backend) ==
              std::vector<std::string>{});
    }
}

}  // namespace

TEMPLATE_TEST_CASE("layers keep the laws of blocks on every backend, with weights of every format", "", llama_layer,
                   mixtral_layer, gemma4_layer) {
    for_each_format([](auto format) { check_layer<TestType>(traits_for(format.tag), format.tag); });
}

TEMPLATE_TEST_CASE("layers that see five positions keep the laws of blocks on every backend", "", llama_layer,
                   mixtral_layer, gemma4_layer) {
    for (const number_format format : {number_format::f32, number_format::q8_0}) {
        layer_traits traits = traits_for(format);
        traits.window = 5;
        check_layer<TestType>(traits, format);
    }
}

TEST_CASE("a layer whose keys serve as values keeps the laws of blocks on every backend") {
    for (const number_format format : {number_format::f32, number_format::q8_0}) {
        layer_traits traits = traits_for(format);
        traits.values_from_keys = true;
        check_layer<gemma4_layer>(traits, format);
        traits.window = 5;
        check_layer<gemma4_layer>(traits, format);
    }
}
