// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Exact changes against transformers: every ablated neuron of the goldens; and against whole passes where layers share
// keys and values.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/exact_ablation.hpp>

#include <array>
#include <cstdio>

#include "golden_run.hpp"
#include "support/small_gemma4.hpp"

using namespace attribute_tests;

namespace {

/// Multiplies one neuron in every token.
struct scale_neuron {
    neuron_id neuron;
    float factor;
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) const {
        if (place.layer != neuron.layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t) values[t][static_cast<std::size_t>(neuron.neuron)] *= factor;
    }
};

}  // namespace

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

TEST_CASE("where layers read keys of layers below, exact ablation equals a whole pass with the neuron scaled") {
    const golden::small_gemma4<reference> model(5);
    thread_pool pool(2);
    recorded_run run;
    for (const batch_token& token : golden::some_tokens(0, 30)) run.tokens.push_back(token.token);
    run.decisions = {{20, 7, {3, 49}}, {30, 1, {2, 30}}};
    record_activations(model.decoder(), pool, run);
    const std::vector<target_factor> candidates{
        {neuron_id{0, 3}, 0.0F}, {neuron_id{1, 19}, -1.0F}, {neuron_id{2, 30}, 0.0F}, {neuron_id{3, 8}, -1.0F}};
    const auto changes = exact_ablation(model, run, candidates, loop_margin{}, pool, 3);
    for (std::size_t c = 0; c < candidates.size(); ++c) {
        std::vector<batch_token> pass;
        append_row(pass, run, 0);
        decoder_state state(model.config(), {1, 30, 30, 2});
        scale_neuron tap{std::get<neuron_id>(candidates[c].target), candidates[c].factor};
        const matrix_view logits = model.decoder().forward(state, pass, pool, tap);
        double value = 0;
        for (std::size_t d = 0; d < 2; ++d) value += loop_margin{}.value(logits[d], run.decisions[d]) / 2;
        CHECK(changes[c] == value - objective_of(run, loop_margin{}));
        CHECK(std::abs(changes[c]) > 1e-6);
    }
}

TEST_CASE("several objectives from one pass are each what it is alone") {
    golden_run golden_llama;
    const recorded_run run = golden_llama.run(1);
    const std::vector<target_factor> candidates{
        {neuron_id{2, 4}, 0.0F}, {neuron_id{0, 9}, -1.0F}, {neuron_id{1, 3}, 2.0F}};
    std::array<loop_margin, 3> objectives;
    objectives[1].token = token_id{5}, objectives[2].token = token_id{77};
    const auto together = exact_ablations(golden_llama.model, run, candidates, std::span<const loop_margin>(objectives),
                                          golden_llama.pool, 2);
    REQUIRE(together.size() == 9);
    for (std::size_t o = 0; o < 3; ++o) {
        const auto alone = exact_ablation(golden_llama.model, run, candidates, objectives[o], golden_llama.pool);
        for (std::size_t c = 0; c < 3; ++c) {
            CHECK(together[c * 3 + o] == alone[c]);
            CHECK((o == 0 || alone[c] != together[c * 3]));
        }
    }
}
