// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The components of a logit sum to it without a rest, on every golden model: through norms behind branches, experts,
// inputs of layers, layer scales and the cap.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/logit_components.hpp>
#include <unloop/attribute/objectives.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "support/any_model.hpp"
#include "support/golden.hpp"

using namespace unloop;

namespace {

struct golden_logits {
    test::any_model model;
    golden::tensors expected;
    thread_pool pool{2};
    recorded_run run;

    explicit golden_logits(const std::string& name)
        : model(test::golden_model("models/" + name)), expected("models/" + name + "/expected.safetensors") {
        const auto ids = expected.integers("tokens");
        run.tokens.assign(ids.begin() + golden::length, ids.begin() + 2 * golden::length);
        run.decisions = {{golden::length / 2, 5, {8}}, {golden::length, 7, {3, 50}}};
        record_activations(model.decoder(), pool, run);
    }
    /// What transformers puts into the head at a decision, times the token's row of it: the logit before any cap.
    [[nodiscard]] double logit_before_cap(std::size_t d, token_id token) const {
        const auto normed = expected.floats("final_norm");
        const std::size_t hidden = model.config().hidden;
        std::vector<float> row(hidden);
        decode_row(model.decoder().head_weights(), static_cast<std::size_t>(token), row);
        return detail::along(
            row, std::span(normed).subspan((golden::length + run.decisions[d].position - 1) * hidden, hidden));
    }
    /// Of transformers, after the cap.
    [[nodiscard]] double logit(std::size_t d, token_id token) const {
        const auto logits = expected.floats("logits");
        return static_cast<double>(logits[(golden::length + run.decisions[d].position - 1) * model.config().vocabulary +
                                          static_cast<std::size_t>(token)]);
    }
};

void check_sums(const std::string& name) {
    golden_logits golden(name);
    for (std::size_t d = 0; d < 2; ++d)
        for (const token_id token : {7, 100, 203}) {
            INFO(name << ", decision " << d << ", token " << token);
            const logit_components parts = decompose(golden.model, golden.run, d, token_logit{token}, golden.pool);
            CHECK(std::abs(parts.sum() - golden.logit(d, token)) < 1e-4);
            const double secant =
                cap_secant(golden.run.logits[d][static_cast<std::size_t>(token)], golden.model.config().logit_cap);
            CHECK(std::abs(parts.sum() / secant - golden.logit_before_cap(d, token)) < 1e-4);
            double experts = 0, inner = 0;
            parts.targets.for_each<expert_id>([&](expert_id, double effect) { experts += effect; });
            parts.targets.for_each<expert_neuron_id>([&](expert_neuron_id, double effect) { inner += effect; });
            CHECK(std::abs(experts - inner) < 1e-5);
        }
}

}  // namespace

TEST_CASE("the components of a logit sum to it without a rest", "[parity]") {
    for (const char* name : {"llama", "mixtral", "dense", "unified", "e_like", "moe"}) check_sums(name);
}

TEST_CASE("components are those of the list: a model has the ones that its layers have") {
    golden_logits e_like("e_like"), llama("llama");
    const auto with = decompose(e_like.model, e_like.run, 1, loop_margin{}, e_like.pool);
    const auto without = decompose(llama.model, llama.run, 1, loop_margin{}, llama.pool);
    for (const double part : with.layer_inputs) CHECK(part != 0);
    CHECK(with.layer_inputs.size() == e_like.model.config().layers.size());
    for (const double part : without.layer_inputs) CHECK(part == 0);
    CHECK(with.embedding != 0);
    // Attribution is the mean of them over decisions.
    const auto first = decompose(llama.model, llama.run, 0, loop_margin{}, llama.pool);
    const auto mean = direct_logit{}.score(llama.model, llama.run, loop_margin{}, llama.pool);
    CHECK(std::abs(mean[neuron_id{1, 5}] - (first.targets[neuron_id{1, 5}] + without.targets[neuron_id{1, 5}]) / 2) <
          1e-9);
}
