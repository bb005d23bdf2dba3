// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan as a tap: the definition on random activations, and the logits of transformers.
#include <unloop/edit/plan_tap.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/operators.hpp>

#include <cmath>
#include <cstdio>

#include "edit/golden_llama.hpp"

namespace {

using namespace unloop;

static_assert(activation_tap<plan_tap> && !row_listener<plan_tap>);

/// The definition: each edit multiplies its neuron, one after the other.
void apply_plainly(const plan& edits, std::int32_t layer, std::span<float> neurons) {
    for (const target_edit& edit : edits.edits) {
        const auto target = std::get<neuron_id>(edit.target);
        if (target.layer == layer) neurons[static_cast<std::size_t>(target.neuron)] *= edit.factor;
    }
}

}  // namespace

TEST_CASE("a tap multiplies the neurons of its plan in every token, in the order written") {
    constexpr std::size_t tokens = 5, width = 96;
    const plan edits = test::random_plan(1, 60, {0.0F, -1.0F, 3.0F, 0.1F});
    const plan_tap tap(edits);
    const std::vector<batch_token> places(tokens);
    for (std::int32_t layer = 0; layer < 4; ++layer) {
        std::vector<float> values(tokens * width);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(random_uniform(2, 0, i)) - 0.5F;
        std::vector<float> wanted = values;
        for (std::size_t t = 0; t < tokens; ++t)
            apply_plainly(edits, layer, std::span(wanted).subspan(t * width, width));
        tap(sites::mlp_neurons{}, {layer, places}, {values.data(), tokens, width});
        CHECK(values == wanted);
    }
}

TEST_CASE("a suppressed neuron is 0 whatever it was") {
    std::vector<float> values{INFINITY, NAN, 1.0F};
    const std::vector<batch_token> places(1);
    const std::vector<neuron_id> all{{0, 0}, {0, 1}, {0, 2}};
    plan_tap(suppress(all))(sites::mlp_neurons{}, {0, places}, {values.data(), 1, 3});
    CHECK(values == std::vector<float>(3));
}

TEST_CASE("a tap gives the logits that transformers gives for edited neurons", "[parity]") {
    const golden::tensors expected("models/llama/expected.safetensors");
    const auto model = test::load_llama(golden::path(test::bf16_llama));
    const auto tokens = expected.integers("tokens");
    const std::size_t rows = expected.shape("tokens")[0], length = expected.shape("tokens")[1];
    const std::size_t vocabulary = model.config().vocabulary;
    int edits = 0;
    for (const stored_tensor& tensor : expected.all()) {
        neuron_id target;
        float factor = 0;
        if (std::sscanf(tensor.name.c_str(), "ablate.%d.%d.%f", &target.layer, &target.neuron, &factor) != 3) continue;
        INFO(tensor.name);
        const plan one = scale(target, factor);
        std::vector<float> last;
        for (std::size_t b = 0; b < rows; ++b) {
            const auto* const first = tokens.data() + b * length;
            const auto logits = test::logits_of(model, {first, first + length}, plan_tap(one));
            last.insert(last.end(), logits.end() - static_cast<std::ptrdiff_t>(vocabulary), logits.end());
        }
        CHECK(golden::difference(last, expected.floats(tensor.name)) < 1e-4);
        ++edits;
    }
    CHECK(edits == 5 * 3);
}
