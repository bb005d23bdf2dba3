// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution to experts and their neurons on the golden models: exact changes are those of transformers.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/attribute/direct_logit.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/onset_difference.hpp>
#include <unloop/model/parameter_table.hpp>

#include <laws/attribution.hpp>

#include <cstdio>

#include "support/any_model.hpp"
#include "support/golden.hpp"

namespace {

using namespace unloop;

/// A golden model, and runs over its rows with a decision behind the last token.
struct golden_mixture {
    std::string name;
    test::any_model model = test::golden_model("models/" + name);
    golden::tensors expected{"models/" + name + "/expected.safetensors"};
    thread_pool pool{2};

    [[nodiscard]] recorded_run run(std::size_t b, std::size_t tokens = golden::length) {
        const auto ids = expected.integers("tokens");
        recorded_run made;
        const auto first = ids.begin() + static_cast<std::ptrdiff_t>(b * golden::length);
        made.tokens.assign(first, first + static_cast<std::ptrdiff_t>(tokens));
        made.prompt_tokens = tokens / 3;
        made.onset = tokens / 2;
        made.decisions = {{tokens, 7, {3, 50, 100, 251}}};
        record_activations(model.decoder(), pool, made);
        return made;
    }
    [[nodiscard]] std::vector<float> logits(const std::string& tensor, std::size_t b) const {
        const auto all = expected.floats(tensor);
        const auto width = static_cast<std::ptrdiff_t>(model.config().vocabulary);
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(b) * width;
        return {first, first + width};
    }
};

/// Candidates and changes that a golden model holds for row `b`.
template <class Golden>
std::pair<std::vector<target_factor>, std::vector<double>> golden_changes(const Golden& golden, std::size_t b,
                                                                          const recorded_run& run) {
    std::pair<std::vector<target_factor>, std::vector<double>> wanted;
    for (const stored_tensor& tensor : golden.expected.all()) {
        neuron_id neuron;
        expert_id expert;
        expert_neuron_id inner;
        target_factor one;
        const char* const name = tensor.name.c_str();
        if (std::sscanf(name, "ablate.%d.%d.%f", &neuron.layer, &neuron.neuron, &one.factor) == 3)
            one.target = neuron;
        else if (std::sscanf(name, "expert.%d.%d.%f", &expert.layer, &expert.expert, &one.factor) == 3)
            one.target = expert;
        else if (std::sscanf(name, "expert_neuron.%d.%d.%d.%f", &inner.layer, &inner.expert, &inner.neuron,
                             &one.factor) == 4)
            one.target = inner;
        else
            continue;
        wanted.first.push_back(one);
        wanted.second.push_back(loop_margin{}.value(golden.logits(tensor.name, b), run.decisions[0]) -
                                objective_of(run, loop_margin{}));
    }
    return wanted;
}

template <class Golden>
void check_exact_changes(Golden golden, std::size_t count) {
    for (std::size_t b = 0; b < 3; ++b) {
        const recorded_run run = golden.run(b);
        const auto [candidates, wanted] = golden_changes(golden, b, run);
        INFO(golden.name << ", row " << b);
        REQUIRE(candidates.size() == count);
        for (const std::size_t batch : {1U, 5U, 64U})
            CHECK(golden::difference(exact_ablation(golden.model, run, candidates, loop_margin{}, golden.pool, batch),
                                     wanted) < 2e-4);
    }
}

}  // namespace

TEST_CASE("exact ablation of experts and their neurons changes the objective as transformers does", "[parity]") {
    check_exact_changes(golden_mixture{"moe"}, 15 + 9 + 9);
    check_exact_changes(golden_mixture{"mixtral"}, 9 + 9);
    check_exact_changes(golden_mixture{"e_like"}, 15);  // layers that read the keys of others
}

TEST_CASE("an expert that no token chose changes nothing and costs nothing") {
    golden_mixture golden{"moe"};
    const recorded_run run = golden.run(0, 5);
    std::vector<target_factor> unused, all;
    for (std::int32_t layer = 0; layer < 4; ++layer)
        for (std::int32_t e = 0; e < 8; ++e) {
            all.push_back({expert_id{layer, e}, -1.0F});
            if (run.experts[static_cast<std::size_t>(layer)].has_chosen(e)) continue;
            unused.push_back({expert_id{layer, e}, -1.0F});
            unused.push_back({expert_neuron_id{layer, e, 3}, -1.0F});
        }
    REQUIRE(unused.size() > 2);
    int passes = 0;
    const auto changes_of = [&](std::span<const target_factor> candidates) {
        return exact_ablation(golden.model, run, candidates, loop_margin{}, golden.pool);
    };
    for (const double change : changes_of(unused)) CHECK(change == 0);
    // Scores tell the same: only experts that the decision's token chose have a direct effect.
    const auto scores = direct_logit{}.score(golden.model, run, loop_margin{}, golden.pool);
    const auto exact = changes_of(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto id = std::get<expert_id>(all[i].target);
        const auto l = static_cast<std::size_t>(id.layer);
        bool is_chosen = false;
        run.for_each_chosen(
            l, 4, [&](std::int32_t e, float, std::span<const float>) { is_chosen = is_chosen || e == id.expert; });
        CHECK((scores[id] != 0) == is_chosen);
        if (is_chosen) CHECK(exact[i] != 0);
        passes += is_chosen ? 1 : 0;
    }
    CHECK(passes == 4 * 2);
}

TEST_CASE("a run keeps the choices, weights and neurons of experts") {
    golden_mixture golden{"moe"};
    const recorded_run run = golden.run(1);
    for (std::size_t l = 0; l < 4; ++l) {
        const std::string layer = "." + std::to_string(l);
        const std::size_t per_row = golden::length * 2;
        const auto row = [&](const auto& values, std::size_t width) {
            return std::span(values).subspan(per_row * width, per_row * width);
        };
        const auto chosen = golden.expected.integers("router_top_k_index" + layer);
        CHECK(golden::difference(run.experts[l].chosen, row(chosen, 1)) == 0);
        const auto weights = golden.expected.floats("router_top_k_weight" + layer);
        CHECK(golden::difference(run.experts[l].weights, row(weights, 1)) < 1e-5);
        const auto neurons = golden.expected.floats("expert_neurons" + layer);
        CHECK(golden::difference(run.experts[l].neurons, row(neurons, 20)) < 1e-4);
        CHECK(run.squares[l].experts.size() == golden::length);
        CHECK(run.squares[l].dense.size() == golden::length);
    }
}

TEST_CASE("baselines and onset differences of experts follow their definitions") {
    golden_mixture golden{"moe"};
    const recorded_run run = golden.run(2);
    const auto strength = strength_on_run{}.score(golden.model, run, loop_margin{}, golden.pool);
    const auto onset = onset_difference{6}.score(golden.model, run, loop_margin{}, golden.pool);
    const auto norms = weight_norm{}.score(golden.model, run, loop_margin{}, golden.pool);
    const parameter_table parameters(golden.model.decoder());
    for (std::int32_t e = 0; e < 8; ++e) {
        const auto columns = column_norms(*parameters.matrix({1, parameter_role::expert_down, e}));
        double of_expert = 0, of_neuron = 0, rise = 0, inner_rise = 0;
        for (std::size_t t = 0; t < golden::length; ++t)
            run.for_each_chosen(1, t, [&](std::int32_t chosen, float weight, std::span<const float> neurons) {
                if (chosen != e) return;
                double squares = 0;
                for (std::size_t j = 0; j < neurons.size(); ++j)
                    squares += std::pow(static_cast<double>(weight * neurons[j]) * columns[j], 2);
                of_expert += std::sqrt(squares) / golden::length;
                of_neuron += std::abs(static_cast<double>(weight * neurons[4])) * columns[4] / golden::length;
                const double share = t >= 18 && t < 24 ? 1.0 / 6 : t >= 12 && t < 18 ? -1.0 / 6 : 0.0;
                rise += share * static_cast<double>(weight);
                inner_rise += share * static_cast<double>(weight * neurons[4]);
            });
        CHECK(std::abs(strength[expert_id{1, e}] - of_expert) < 1e-6);
        CHECK(std::abs(strength[expert_neuron_id{1, e, 4}] - of_neuron) < 1e-6);
        CHECK(std::abs(onset[expert_id{1, e}] - rise) < 1e-6);
        CHECK(std::abs(onset[expert_neuron_id{1, e, 4}] - inner_rise) < 1e-6);
    }
    double sum = 0, squares = 0;
    for (const double z : norms.of<expert_neuron_id>(1)) sum += z, squares += z * z;
    CHECK(std::abs(sum) < 1e-6);
    CHECK(std::abs(squares - 8 * 20) < 1e-6);
}

TEST_CASE("methods keep their laws on models with experts", "[laws]") {
    const golden_mixture moe{"moe"};
    const golden_mixture routed{"mixtral"};
    const auto check = [](const auto& model) {
        CHECK(laws::broken_attribution_laws(direct_logit{}, model).empty());
        CHECK(laws::broken_attribution_laws(onset_difference{}, model).empty());
        CHECK(laws::broken_attribution_laws(strength_on_run{}, model).empty());
        CHECK(laws::broken_attribution_laws(weight_norm{}, model, {.reads_activations = false}).empty());
    };
    check(moe.model);
    check(routed.model);
}
