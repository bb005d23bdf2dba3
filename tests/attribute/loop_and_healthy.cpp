// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Methods that compare a loop with healthy text, methods for experts alone, and exact effects as methods: their
// formulas by hand, and the laws, on a small Gemma with experts beside dense neurons.
#include <catch2/catch_test_macros.hpp>
#include <laws/attribution.hpp>
#include <unloop/attribute/activation_ratio.hpp>
#include <unloop/attribute/exact_effect.hpp>
#include <unloop/attribute/expert_scores.hpp>
#include <unloop/model/parameter_table.hpp>

#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

using names = std::vector<std::string>;

struct compared_runs {
    golden::small_gemma4<reference> model{5};
    thread_pool pool{2};
    recorded_run run = laws::looping_run(model, 3);  // 22 tokens; the answer begins at 6, the second copy at 17
    std::vector<recorded_run> healthy;

    compared_runs() {
        recorded_run other;
        for (const batch_token& token : golden::some_tokens(50, 20)) other.tokens.push_back(token.token);
        other.prompt_tokens = 4;
        record_activations(model.decoder(), pool, other);
        healthy.push_back(other);
    }
};

constexpr expert_id expert{2, 1};

/// Mean over positions [first, last) of what `of` gives for the chosen expert; `only_routed`: over those that chose it.
template <class Value>
double mean_over(const recorded_run& run, std::size_t first, std::size_t last, bool only_routed, const Value& of) {
    double sum = 0, count = 0;
    for (std::size_t t = first; t < last; ++t) {
        if (!only_routed) ++count;
        run.for_each_chosen(2, t, [&](std::int32_t chosen, float weight, std::span<const float> neurons) {
            if (chosen != expert.expert) return;
            if (only_routed) ++count;
            sum += of(static_cast<double>(weight), neurons);
        });
    }
    return sum / std::max(count, 1.0);
}

double square(double value) { return value * value; }

}  // namespace

TEST_CASE("the activation ratio is the mean square in the loop by that in healthy text") {
    compared_runs of;
    const auto scores = activation_ratio{of.healthy}.score(of.model, of.run, loop_margin{}, of.pool);
    const auto own = activation_ratio{}.score(of.model, of.run, loop_margin{}, of.pool);
    const auto mean = [](const recorded_run& run, std::size_t first, std::size_t last, std::size_t j) {
        double sum = 0;
        for (std::size_t t = first; t < last; ++t) sum += square(static_cast<double>(run.neurons_of(1)[t][j]));
        return sum / static_cast<double>(last - first);
    };
    double floor = 0, own_floor = 0;
    for (std::size_t j = 0; j < 20; ++j) {
        floor += 1e-3 * mean(of.healthy[0], 4, 20, j) / 20;
        own_floor += 1e-3 * mean(of.run, 6, 17, j) / 20;
    }
    for (std::size_t j = 0; j < 20; ++j) {
        const double loop = mean(of.run, 17, 22, j);
        CHECK(std::abs(scores.neurons(1)[j] - loop / (mean(of.healthy[0], 4, 20, j) + floor)) < 1e-9);
        CHECK(std::abs(own.neurons(1)[j] - loop / (mean(of.run, 6, 17, j) + own_floor)) < 1e-9);
    }
    const auto weight = [](double factor, std::span<const float>) { return square(factor); };
    const auto third = [](double, std::span<const float> neurons) { return square(static_cast<double>(neurons[3])); };
    // Up to the floor, which is a thousandth of the layer's mean.
    const double of_expert = mean_over(of.run, 17, 22, false, weight) / mean_over(of.healthy[0], 4, 20, false, weight);
    CHECK(std::abs(scores[expert] / of_expert - 1) < 0.02);
    const double of_neuron = mean_over(of.run, 17, 22, true, third) / mean_over(of.healthy[0], 4, 20, true, third);
    CHECK(std::abs(scores[expert_neuron_id{2, 1, 3}] / of_neuron - 1) < 0.05);
    const target_scores of_one = only_of(expert, scores);
    CHECK(of_one[expert_neuron_id{2, 1, 3}] == scores[expert_neuron_id{2, 1, 3}]);
    CHECK(of_one.best<expert_neuron_id>(1).front().expert == 1);
    CHECK(of_one[expert_neuron_id{2, 0, 3}] == 0);
}

TEST_CASE("experts score by the norm of their output, and by how often the loop chooses them") {
    compared_runs of;
    const auto norms = expert_output_norm<>{}.score(of.model, of.run, loop_margin{}, of.pool);
    const auto in_loop = expert_output_norm<inside_loop>{}.score(of.model, of.run, loop_margin{}, of.pool);
    const auto rates = routing_rate_difference{of.healthy}.score(of.model, of.run, loop_margin{}, of.pool);
    const parameter_table parameters(of.model.decoder());
    const matrix_parameter& down = *parameters.matrix({2, parameter_role::expert_down, expert.expert});
    const auto norm = [&](double weight, std::span<const float> neurons) {
        std::vector<float> row(down.columns);
        double squares = 0;
        for (std::size_t h = 0; h < down.rows; ++h) {
            decode_row(down, h, row);
            double sum = 0;
            for (std::size_t j = 0; j < row.size(); ++j)
                sum += static_cast<double>(row[j]) * static_cast<double>(neurons[j]);
            squares += square(sum);
        }
        return std::abs(weight) * std::sqrt(squares);
    };
    CHECK(std::abs(norms[expert] - mean_over(of.run, 0, 22, false, norm)) < 1e-4);
    CHECK(std::abs(in_loop[expert] - mean_over(of.run, 17, 22, false, norm)) < 1e-4);
    const auto once = [](double, std::span<const float>) { return 1.0; };
    const double wanted = mean_over(of.run, 17, 22, false, once) - mean_over(of.healthy[0], 4, 20, false, once);
    CHECK(std::abs(rates[expert] - wanted) < 1e-12);
    CHECK(norms[expert] > 0);
    CHECK(norms.neurons(2) == std::vector<double>(40));
    double all = 0;
    for (const double rate : rates.of<expert_id>(2)) all += rate;
    CHECK(std::abs(all) < 1e-12);  // every token chooses two
}

TEST_CASE("exact effects are what exact ablation takes away") {
    compared_runs of;
    const auto effects = exact_effect<>{}.score(of.model, of.run, loop_margin{}, of.pool);
    const auto alone = decision_effect<>{}.score(of.model, of.run, loop_margin{}, of.pool);
    const std::vector<target_factor> tried{{neuron_id{0, 7}, 0}, {expert, 0}, {expert_neuron_id{2, 1, 3}, 0}};
    const auto changes = exact_ablation(of.model, of.run, tried, loop_margin{}, of.pool);
    const auto changes_alone = decision_ablation(of.model, of.run, tried, loop_margin{}, of.pool);
    for (std::size_t i = 0; i < tried.size(); ++i) {
        CHECK(effects[tried[i].target] == -changes[i]);
        CHECK(alone[tried[i].target] == -changes_alone[i]);
    }
    CHECK(changes[0] != changes_alone[0]);  // later layers read the keys of this one
    const auto experts = exact_effect<expert_id>{}.score(of.model, of.run, loop_margin{}, of.pool);
    CHECK(experts[expert] == effects[expert]);
    CHECK(experts.neurons(1) == std::vector<double>(20));
}

TEST_CASE("methods for loops against healthy text, for experts and exact ones keep the laws", "[laws]") {
    compared_runs of;
    const auto broken = [&](const auto& method) { return laws::broken_attribution_laws(method, of.model); };
    CHECK(broken(activation_ratio{of.healthy}) == names{});
    CHECK(broken(activation_ratio{}) == names{});
    CHECK(broken(expert_output_norm<>{}) == names{});
    CHECK(broken(routing_rate_difference{of.healthy}) == names{});
    CHECK(broken(exact_effect<expert_id>{}) == names{});
    // It asks the model, not the record.
    CHECK(laws::broken_attribution_laws(decision_effect<neuron_id, expert_neuron_id>{}, of.model,
                                        {.reads_activations = false}) == names{});
}
