// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Strength of targets against sums over recorded activations and decoded columns.
#include <unloop/evaluate/strength_on_texts.hpp>

#include <unloop/io/read_array.hpp>
#include <unloop/parallel.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

struct recorder {
    std::vector<std::vector<float>> rows;
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) {
        for (std::size_t t = 0; place.layer == 1 && t < values.rows(); ++t)
            rows.emplace_back(values[t].begin(), values[t].end());
    }
};

}  // namespace

TEST_CASE("strength is mean size times the norm of the column of down", "[strength_on_texts]") {
    const auto model = tests::golden_llama();
    const std::vector<std::vector<token_id>> texts{{5, 9, 33, 70, 12}, {100, 200, 17}};
    const target_scores strengths = strength_on_texts(model, texts, 2);
    REQUIRE(strengths.layers() == 3);
    recorder seen;
    for (const auto& text : texts) {
        decoder_state state(model.config(), {1, 16, 16, 16});
        std::vector<batch_token> tokens;
        for (std::size_t t = 0; t < text.size(); ++t)
            tokens.push_back({text[t], 0, static_cast<std::int32_t>(t), false});
        serial executor;
        model.decoder().forward(state, tokens, executor, seen);
    }
    REQUIRE(seen.rows.size() == 8);
    const parameter_table parameters(model.decoder());
    const weight_view& down = *parameters.matrix({1, parameter_role::down});  // [64, 96]
    std::vector<float> values(64 * 96);
    for (std::size_t r = 0; r < 64; ++r) decode_row(down, r, std::span(values).subspan(r * 96, 96));
    for (std::size_t i = 0; i < 96; ++i) {
        double size = 0, squares = 0;
        for (const auto& row : seen.rows) size += std::abs(static_cast<double>(row[i])) / 8;
        for (std::size_t r = 0; r < 64; ++r) squares += std::pow(static_cast<double>(values[r * 96 + i]), 2);
        const double strength = strengths[neuron_id{1, static_cast<std::int32_t>(i)}];
        CHECK(std::abs(strength - size * std::sqrt(squares)) <= 1e-6 * strength);
    }
    CHECK(strength_on_texts(model, texts, 1) == strengths);
}
