// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Scores and rankings, objectives, the onset difference and the baselines, on numbers made by hand.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/attribute/onset_difference.hpp>
#include <unloop/attribute/score_aggregate.hpp>

#include <cmath>

#include "golden_run.hpp"

using namespace attribute_tests;

TEST_CASE("the best neurons are those of largest magnitude, ties to the lower id") {
    decoder_config config;
    config.layers.resize(2);
    config.layers[0].mlp_width = 3, config.layers[1].mlp_width = 2;
    target_scores scores(config);
    scores.of<neuron_id>(0) = {1, -3, 0}, scores.of<neuron_id>(1) = {3, 2};
    CHECK(scores.best_neurons(3) == std::vector<neuron_id>{{0, 1}, {1, 0}, {1, 1}});
    CHECK(scores.best_neurons(9).size() == 5);
    CHECK(scores.rank_of(neuron_id{0, 1}) == 1);
    CHECK(scores.rank_of(neuron_id{1, 0}) == 2);
    CHECK(scores.rank_of(neuron_id{0, 2}) == 5);
    (scores += scores) /= 4;
    CHECK(scores[neuron_id{1, 1}] == 1);
    CHECK(scores[target_id(neuron_id{1, 1})] == 1);
}

TEST_CASE("scores of records are averaged, compared in sign, and tried without each prompt") {
    const std::vector<layer_dimensions> layers{{.mlp_width = 4}};
    score_aggregate records;
    const auto add = [&](std::vector<double> scores, std::size_t prompt) {
        target_scores made(layers);
        made.neurons(0) = std::move(scores);
        records.add(std::move(made), prompt);
    };
    add({3, 1, 0, -1}, 0), add({3, -1, 0, -2}, 0), add({0, 3, 0, -3}, 1), add({0, 3, 0, 2}, 2);
    CHECK(records.records() == 4);
    CHECK(records.prompts() == std::vector<std::size_t>{0, 1, 2});
    CHECK(records.mean().neurons(0) == std::vector<double>{1.5, 1.5, 0, -1});
    CHECK(records.sign_share().neurons(0) == std::vector<double>{0.5, 0.75, 0, 0.75});
    CHECK(records.mean_without(0).neurons(0) == std::vector<double>{0, 3, 0, -0.5});
    // Without prompt 0 the best two are 1 and 3, without 1 they are 0 and 1, without 2 they are 0 and 3.
    CHECK(records.leave_one_prompt_out<neuron_id>(2) == 0.5);
    CHECK(records.leave_one_prompt_out<neuron_id>(4) == 1);
    CHECK(records.leave_one_prompt_out<expert_id>(2) == 1);
}

TEST_CASE("the loop margin and its gradient follow their formula") {
    const std::vector<float> logits{1, 2, 0.5F, -1};
    const decision at{5, 1, {0, 2}};
    const double rest = std::exp(1.0) + std::exp(0.5);
    CHECK(std::abs(loop_margin{}.value(logits, at) - (2 - std::log(rest))) < 1e-12);
    CHECK(std::abs(loop_margin{token_id{3}}.value(logits, at) - (-1 - std::log(rest))) < 1e-12);
    const auto gradient = loop_margin{}.gradient(logits, at);
    REQUIRE(gradient.size() == 3);
    CHECK((gradient[0].token == 1 && gradient[0].factor == 1));
    CHECK((gradient[1].token == 0 && std::abs(gradient[1].factor + std::exp(1.0) / rest) < 1e-12));
    CHECK((gradient[2].token == 2 && std::abs(gradient[2].factor + std::exp(0.5) / rest) < 1e-12));
}

TEST_CASE("the onset difference is the mean after minus the mean before") {
    golden_run golden_llama;
    const recorded_run run = golden_llama.run(0);
    for (std::size_t window : {1U, 5U, 30U}) {
        const auto scores = onset_difference{window}.score(golden_llama.model, run, loop_margin{}, golden_llama.pool);
        const std::size_t first = 20 - std::min<std::size_t>(window, 20), last = std::min<std::size_t>(20 + window, 36);
        double before = 0, after = 0;
        for (std::size_t t = first; t < 20; ++t)
            before += static_cast<double>(run.neurons_of(2)[t][7]) / static_cast<double>(20 - first);
        for (std::size_t t = 20; t < last; ++t)
            after += static_cast<double>(run.neurons_of(2)[t][7]) / static_cast<double>(last - 20);
        CHECK(std::abs(scores.of<neuron_id>(2)[7] - (after - before)) < 1e-9);
    }
}

TEST_CASE("the baselines are norms of weights, and of what neurons write") {
    golden_run golden_llama;
    const recorded_run run = golden_llama.run(0);
    const auto strength = strength_on_run{}.score(golden_llama.model, run, loop_margin{}, golden_llama.pool);
    const parameter_table parameters(golden_llama.model.decoder());
    const weight_view& down = *parameters.matrix({1, parameter_role::down});
    double column = 0, mean = 0;
    std::vector<float> row(96);
    for (std::size_t h = 0; h < 64; ++h) decode_row(down, h, row), column += std::pow(static_cast<double>(row[11]), 2);
    for (std::size_t t = 0; t < 36; ++t) mean += std::abs(static_cast<double>(run.neurons_of(1)[t][11])) / 36;
    CHECK(std::abs(strength.of<neuron_id>(1)[11] - mean * std::sqrt(column)) < 1e-6);

    const auto norms = weight_norm{}.score(golden_llama.model, run, loop_margin{}, golden_llama.pool);
    double sum = 0, squares = 0;
    for (double z : norms.of<neuron_id>(0)) sum += z, squares += z * z;
    CHECK(std::abs(sum) < 1e-6);
    CHECK(std::abs(squares - 96) < 1e-6);
}
