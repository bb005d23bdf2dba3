// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Direct logit attribution against its definition: the objective's slope when a neuron's write is added to the stream.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/direct_logit.hpp>

#include <cmath>

#include "golden_run.hpp"

using namespace attribute_tests;

namespace {

/// The objective of a stream behind the last layer, with the norm's scale given; all in double.
double objective_of_stream(const golden_run& golden_llama, const std::vector<double>& stream, double scale,
                           const decision& at) {
    const auto& decoder = golden_llama.model.decoder();
    std::vector<float> row(64), logits(272);
    std::vector<double> exact(272);
    for (std::size_t v = 0; v < 272; ++v) {
        decode_row(decoder.head_weights(), v, row);
        for (std::size_t h = 0; h < 64; ++h)
            exact[v] +=
                static_cast<double>(row[h]) * stream[h] * scale * static_cast<double>(decoder.final_norm().weight[h]);
    }
    double rest = 0;
    for (token_id token : at.alternatives) rest += std::exp(exact[static_cast<std::size_t>(token)]);
    return exact[static_cast<std::size_t>(at.loop)] - std::log(rest);
}

}  // namespace

TEST_CASE("scores are the slope of the objective along each neuron's write") {
    golden_run golden_llama;
    const recorded_run run = golden_llama.run(0);
    const target_scores scores =
        attribute(golden_llama.model, std::span(&run, 1), direct_logit{}, loop_margin{}, golden_llama.pool);
    std::vector<double> stream(64);
    double squares = 0;
    for (std::size_t h = 0; h < 64; ++h) {
        stream[h] = static_cast<double>(run.residual_of(3)[35][h]);
        squares += stream[h] * stream[h] / 64;
    }
    const double scale = 1 / std::sqrt(squares + 1e-5);
    const double step = 1e-4, base = objective_of_stream(golden_llama, stream, scale, run.decisions[0]);
    std::vector<float> row(96);
    const parameter_table parameters(golden_llama.model.decoder());
    for (std::int32_t layer = 0; layer < 3; ++layer)
        for (std::size_t j : {0U, 20U, 66U, 95U}) {
            std::vector<double> moved = stream;
            for (std::size_t h = 0; h < 64; ++h) {
                decode_row(*parameters.matrix({layer, parameter_role::down}), h, row);
                moved[h] += step * static_cast<double>(run.neurons_of(static_cast<std::size_t>(layer))[35][j]) *
                            static_cast<double>(row[j]);
            }
            const double slope = (objective_of_stream(golden_llama, moved, scale, run.decisions[0]) - base) / step;
            INFO("layer " << layer << ", neuron " << j);
            CHECK(std::abs(scores.of<neuron_id>(static_cast<std::size_t>(layer))[j] - slope) <
                  2e-4 * (1 + std::abs(slope)));
        }
}
