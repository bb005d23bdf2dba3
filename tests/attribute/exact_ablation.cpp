// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact changes against transformers: every ablated neuron and skipped branch of the goldens.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/layer_ablation.hpp>

#include <cstdio>

#include "golden_run.hpp"

using namespace attribute_tests;

TEST_CASE("a recorded run holds the activations and logits of transformers") {
    golden_run golden_llama;
    const recorded_run run = golden_llama.run(1);
    const auto logits = golden_llama.expected.floats("logits");
    const std::span<const float> last(logits.data() + (36 + 35) * 272, 272);
    CHECK(golden::difference(run.logits.at(0), last) < 1e-4);
    const auto neurons = golden_llama.expected.floats("mlp_neurons.1");
    CHECK(golden::difference(run.neurons_of(1)[10], std::span(neurons).subspan((36 + 10) * 96, 96)) < 1e-4);
    const auto hidden = golden_llama.expected.floats("hidden.3");
    CHECK(golden::difference(run.residual_of(3)[35], std::span(hidden).subspan((36 + 35) * 64, 64)) < 1e-4);
}

TEST_CASE("exact ablation changes the objective as transformers does") {
    golden_run golden_llama;
    for (std::size_t b = 0; b < 3; ++b) {
        const recorded_run run = golden_llama.run(b);
        std::vector<target_factor> candidates;
        std::vector<double> expected;
        for (const stored_tensor& tensor : golden_llama.expected.all()) {
            neuron_id target;
            float factor = 0;
            if (std::sscanf(tensor.name.c_str(), "ablate.%d.%d.%f", &target.layer, &target.neuron, &factor) != 3)
                continue;
            candidates.push_back({target, factor});
            expected.push_back(loop_margin{}.value(golden_llama.logits(tensor.name, b), run.decisions[0]) -
                               objective_of(run, loop_margin{}));
        }
        REQUIRE(candidates.size() == 15);
        for (std::size_t batch : {1U, 4U, 32U})
            CHECK(golden::difference(
                      exact_ablation(golden_llama.model, run, candidates, loop_margin{}, golden_llama.pool, batch),
                      expected) < 2e-4);
    }
}

TEST_CASE("layer ablation with zero changes the objective as transformers does") {
    golden_run golden_llama;
    const recorded_run run = golden_llama.run(2);
    const auto changes = layer_ablation(golden_llama.model, run, ablation_kind::zero, loop_margin{}, golden_llama.pool);
    REQUIRE(changes.size() == 3);
    for (std::size_t layer = 0; layer < 3; ++layer) {
        const auto change = [&](const char* what) {
            return loop_margin{}.value(golden_llama.logits(what + std::to_string(layer), 2), run.decisions[0]) -
                   objective_of(run, loop_margin{});
        };
        CHECK(std::abs(changes[layer].attention - change("skip_attn.")) < 2e-4);
        CHECK(std::abs(changes[layer].feed_forward - change("skip_mlp.")) < 2e-4);
    }
    const auto mean = layer_ablation(golden_llama.model, run, ablation_kind::mean, loop_margin{}, golden_llama.pool);
    CHECK(mean[0].attention != changes[0].attention);
}
