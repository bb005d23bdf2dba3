// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Controls and null edits have the divergence that they are to have, measured again.
#include <unloop/evaluate/calibrated_plans.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

struct fixture {
    decltype(tests::golden_llama()) model = tests::golden_llama();
    std::vector<forced_text> texts;
    target_scores strengths{model.config()};

    fixture() {
        random_sequence random(3);
        std::vector<std::vector<token_id>> tokens;
        for (std::size_t n = 0; n < 3; ++n) {
            texts.push_back({"text " + std::to_string(n), {}, 2});
            for (std::size_t t = 0; t < 14; ++t)
                texts[n].tokens.push_back(static_cast<token_id>(random.below(model.config().vocabulary)));
            tokens.push_back(texts[n].tokens);
        }
        strengths = strength_on_texts(model, tokens);
    }
};

}  // namespace

TEST_CASE("a scaled plan is 1 + s (f - 1)", "[calibrated_plans]") {
    const plan edited = invert(neuron_id{0, 1}) + scale(neuron_id{1, 2}, 3.0F) + mask(expert_id{0, 0});
    CHECK(times(edited, 1) == edited);
    const plan twice = times(edited, 2);
    CHECK(twice.edits[0].factor == -3.0F);
    CHECK(twice.edits[1].factor == 5.0F);
    CHECK(twice.edits[2] == edited.edits[2]);
    for (const target_edit& edit : times(edited, 0).edits) CHECK(edit.factor == 1.0F);
}

TEST_CASE("controls diverge as much as the edit does, within a tenth", "[calibrated_plans]") {
    const fixture made;
    const plan edited = invert(std::vector<neuron_id>{{0, 3}, {1, 35}, {2, 60}});
    const double wanted = token_divergence(made.model, edited, made.texts).mean;
    CHECK(wanted > 0);
    const auto controls = calibrated_controls(made.model, edited, made.strengths, made.texts, {.draws = 19});
    REQUIRE(controls.size() == 19);
    std::set<double> scales;
    for (const calibrated_plan& control : controls) {
        CHECK(control.is_close);
        CHECK(std::abs(control.token_kl / wanted - 1) <= 0.1);
        CHECK(control.token_kl == token_divergence(made.model, control.edit, made.texts).mean);
        for (std::size_t i = 0; i < edited.size(); ++i) {
            CHECK(layer_of(control.edit.edits[i].target) == layer_of(edited.edits[i].target));
            CHECK(control.edit.edits[i].factor == static_cast<float>(1 - 2 * control.scale));
        }
        scales.insert(control.scale);
    }
    CHECK(scales.size() > 5);  // strength alone matches some of them
}

TEST_CASE("null edits change next to nothing, and differ", "[calibrated_plans]") {
    const fixture made;
    const auto edits = null_edits(made.model, made.strengths, made.texts);
    REQUIRE(edits.size() == 8);
    std::set<std::vector<target_id>> different;
    for (const calibrated_plan& one : edits) {
        CHECK(one.is_close);
        CHECK(one.token_kl < 1e-3);
        CHECK(one.token_kl > 0);
        CHECK(one.edit.size() == 8);
        std::vector<target_id> targets;
        for (const target_edit& edit : one.edit.edits) targets.push_back(edit.target);
        different.insert(targets);
    }
    CHECK(different.size() == 8);
    const auto again = null_edits(made.model, made.strengths, made.texts);
    CHECK(again.front().edit == edits.front().edit);
}

TEST_CASE("what cannot be reached is told", "[calibrated_plans]") {
    const fixture made;
    const std::vector<plan> plans{plan{}, suppress(neuron_id{1, 35})};
    const auto far = calibrate(made.model, plans, 1e6, made.texts, {.largest_scale = 64});
    CHECK_FALSE(far[0].is_close);
    CHECK(far[0].token_kl == 0);
    CHECK_FALSE(far[1].is_close);
    CHECK(far[1].scale == 64);
    CHECK(far[1].token_kl > 0);
    const auto none = calibrate(made.model, plans, 0, made.texts);
    CHECK(none[1].is_close);
    CHECK(none[1].edit.edits.front().factor == 1.0F);
}
