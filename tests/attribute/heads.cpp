// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution to attention heads on golden models: exact changes are those of whole passes, baselines follow their
// definitions.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/onset_difference.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>

#include <cmath>

#include "golden_run.hpp"

using namespace attribute_tests;

namespace {

/// Heads of 12 and of 20, queries with norms, shared keys.
struct golden_gemma4 {
    test::any_model model = test::golden_model("models/dense");
    golden::tensors expected{"models/dense/expected.safetensors"};
    thread_pool pool{2};

    recorded_run run() {
        const auto ids = expected.integers("tokens");
        recorded_run made;
        made.tokens.assign(ids.begin() + 36, ids.begin() + 72);
        made.onset = 20;
        made.decisions = {{20, 7, {3, 50}}, {36, 9, {100, 251}}};
        record_activations(model.decoder(), pool, made);
        return made;
    }
};

/// Norms of what the attention of one layer puts out, by token.
struct attention_norms {
    std::int32_t layer;
    std::vector<double> norms = {};
    void operator()(sites::attention_output, const tap_place& place, matrix_view values) {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t) {
            double squares = 0;
            for (const float value : values[t]) squares += static_cast<double>(value) * static_cast<double>(value);
            norms.push_back(std::sqrt(squares));
        }
    }
};

/// One pass over the run under a plan, seen by `seen`; the objective averaged over decisions.
template <class Golden, class Seen>
double pass_under(Golden& golden, const recorded_run& run, const plan& edits, Seen& seen) {
    std::vector<batch_token> pass;
    append_row(pass, run, 0);
    decoder_state state(golden.model.config(), {1, run.length(), run.length(), run.decisions.size()});
    plan_tap edit(edits);
    tap_pack both(edit, seen);
    const matrix_view logits = golden.model.decoder().forward(state, pass, golden.pool, both);
    double sum = 0;
    for (std::size_t d = 0; d < run.decisions.size(); ++d)
        sum += loop_margin{}.value(logits[d], run.decisions[d]) / static_cast<double>(run.decisions.size());
    return sum;
}

}  // namespace

TEST_CASE("exact ablation of heads is what a whole pass under the edit gives") {
    golden_gemma4 golden;
    const recorded_run run = golden.run();
    std::vector<target_factor> tried;
    for (std::int32_t layer = 0; layer < 5; ++layer)
        for (const float factor : {0.0F, -1.0F, 2.5F}) tried.push_back({head_id{layer, layer}, factor});
    const auto changes = exact_ablation(golden.model, run, tried, loop_margin{}, golden.pool, 4);
    no_tap none;
    for (std::size_t i = 0; i < tried.size(); ++i) {
        const double under = pass_under(golden, run, scale(tried[i].target, tried[i].factor), none);
        CHECK(std::abs(changes[i] - (under - objective_of(run, loop_margin{}))) < 1e-12);
        CHECK(std::abs(changes[i]) > 1e-6);
    }
}

TEST_CASE("the strength of a head is the norm of what it alone makes the attention put out") {
    golden_gemma4 golden;
    const recorded_run run = golden.run();
    const auto strength = strength_on_run{}.score(golden.model, run, loop_margin{}, golden.pool);
    const auto weights = weight_norm{}.score(golden.model, run, loop_margin{}, golden.pool);
    for (const std::int32_t layer : {1, 2}) {
        double sum = 0, squares = 0;
        for (std::int32_t head = 0; head < 6; ++head) {
            plan others;
            for (std::int32_t h = 0; h < 6; ++h)
                if (h != head) others = others + suppress(head_id{layer, h});
            attention_norms seen{layer};
            pass_under(golden, run, others, seen);
            double mean = 0;
            for (const double norm : seen.norms) mean += norm / 36;
            CHECK(std::abs(strength[head_id{layer, head}] - mean) < 1e-5 * mean);
            sum += weights[head_id{layer, head}], squares += std::pow(weights[head_id{layer, head}], 2);
        }
        CHECK(std::abs(sum) < 1e-6);
        CHECK(std::abs(squares - 6) < 1e-6);
    }
}

TEST_CASE("the onset difference of a head is that of the norm of what it writes") {
    golden_gemma4 golden;
    const recorded_run run = golden.run();
    const auto scores = onset_difference{5}.score(golden.model, run, loop_margin{}, golden.pool);
    plan others;
    for (const std::int32_t head : {0, 1, 2, 4, 5}) others = others + suppress(head_id{2, head});
    attention_norms seen{2};
    pass_under(golden, run, others, seen);
    double rise = 0;
    for (std::size_t t = 15; t < 25; ++t) rise += (t < 20 ? -1 : 1) * seen.norms[t] / 5;
    CHECK(std::abs(scores[head_id{2, 3}] - rise) < 1e-5);
    CHECK(std::abs(rise) > 1e-3);
}
