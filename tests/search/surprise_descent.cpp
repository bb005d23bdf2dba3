// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What healthy texts tell of a broken model: every part that was amplified, one after the other, and nothing of a
// healthy one.
#include <unloop/search/surprise_descent.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/reference_text_json.hpp>

#include <algorithm>
#include <set>

#include "support/any_model.hpp"
#include "support/fault_of.hpp"
#include "support/golden.hpp"
#include "support/watched_memory.hpp"

namespace {

using namespace unloop;

const std::string mixture_model = golden::path("../../examples/models/mixture");

struct texts_by_role {
    std::vector<forced_text> fit, select;
};

template <class Model>
texts_by_role read_texts(const Model& model) {
    const text_suite suite = read_text_suite(mixture_model + "/probes/texts.json");
    return {force(model, texts_of(suite, data_role::fit)), force(model, texts_of(suite, data_role::select))};
}

/// The edits that each step added.
std::set<target_id> targets_of(std::span<const descent_step> steps) {
    std::set<target_id> targets;
    for (const descent_step& step : steps) targets.insert(step.edit.edits.back().target);
    return targets;
}

}  // namespace

TEST_CASE("a text is an example of its own tokens, whose divergence is their negative log-likelihood") {
    const forced_text text{"", {2, 9, 40, 41}, 2};
    const gain_example example = said_example(text);
    CHECK(example.tokens == std::vector<token_id>{2, 9, 40});
    REQUIRE(example.targets.size() == 2);
    CHECK(example.targets[0].position == 1);
    CHECK(example.targets[0].wanted.tokens == std::vector<token_id>{40});
    CHECK(example.targets[1].wanted.tokens == std::vector<token_id>{41});
    const std::vector<float> logits{1, -2, 0.5F};
    const double total = std::log(std::exp(1.0) + std::exp(-2.0) + std::exp(0.5));
    CHECK(std::abs(add_divergence({{2}, {1.0}, 0}, logits, 0, {}) - (total - 0.5)) < 1e-6);
}

TEST_CASE("healthy texts tell of every culprit of a broken model, and of no other target") {
    auto model = test::load_model(mixture_model);
    const texts_by_role texts = read_texts(model);
    const descent_options options{.most_p = 0.05};  // there are seven texts a role
    CHECK(surprise_descent(model, texts.fit, texts.select, options).empty());
    CHECK(surprise_descent(model, texts.fit, texts.select, {.kinds = {}}).empty());

    // A neuron hardly moves this model, whose branches are normed; a head does.
    const plan fault = scale(head_id{2, 2}, -8.0F) + scale(head_id{0, 2}, 16.0F);
    const scoped_edit broken(model, fault);
    const std::vector<descent_step> steps = surprise_descent(model, texts.fit, texts.select, options);
    std::set<target_id> broken_targets;
    for (const target_edit& one : fault.edits) broken_targets.insert(one.target);
    for (const descent_step& step : steps)
        UNSCOPED_INFO(to_string(step.edit.edits.back().target)
                      << " x " << step.edit.edits.back().factor << ": " << step.surprise_rise << ", held out "
                      << step.held_out_rise << ", p " << step.p);
    CHECK(targets_of(steps) == broken_targets);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        CHECK(steps[i].edit.size() == i + 1);
        CHECK(steps[i].held_out_rise <= -worthwhile_gain);
        CHECK(steps[i].p <= 0.05);
        CHECK(steps[i].surprise_rise < (i == 0 ? 0.0 : steps[i - 1].surprise_rise));
    }
    const descent_options on_three{.most_p = 0.05, .texts = {.threads = 3}};
    CHECK(steps == surprise_descent(model, texts.fit, texts.select, on_three));
    CHECK(surprise_descent(model, texts.fit, texts.select, {.most_edits = 1}).size() == 1);
    const descent_options heads{.kinds = {target_kind<head_id>{}}, .most_p = 0.05};
    CHECK(targets_of(surprise_descent(model, texts.fit, texts.select, heads)) == broken_targets);
    const descent_options neurons{.kinds = {target_kind<neuron_id>{}}, .most_p = 0.05};
    for (const target_id& target : targets_of(surprise_descent(model, texts.fit, texts.select, neurons)))
        CHECK(std::holds_alternative<neuron_id>(target));
}

TEST_CASE("a candidate that is refused makes room for the next") {
    auto model = test::load_model(mixture_model);
    const texts_by_role texts = read_texts(model);
    const head_id culprit{3, 0};  // not the first by gradient
    const scoped_edit broken(model, scale(culprit, -8.0F));
    descent_options options{.candidates = 1, .batches = 1, .most_p = 0.05};
    CHECK(targets_of(surprise_descent(model, texts.fit, texts.select, options)).count(culprit) == 0);
    options.batches = 6;
    CHECK(targets_of(surprise_descent(model, texts.fit, texts.select, options)).count(culprit) == 1);
}

TEST_CASE("what made up for a fault is taken back once that is mended") {
    auto model = test::load_model(mixture_model);
    const texts_by_role texts = read_texts(model);
    const head_id culprit{0, 3};
    const scoped_edit broken(model, scale(culprit, -64.0F));
    const descent_options one_by_one{.candidates = 1, .batches = 6, .most_p = 0.05};  // another target comes first
    const std::vector<descent_step> steps = surprise_descent(model, texts.fit, texts.select, one_by_one);
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].edit.edits.front().target != target_id(culprit));
    CHECK(steps[1].edit.edits == suppress(culprit).edits);
    CHECK(steps[1].edit.note == to_string(target_id(culprit)));
    CHECK(steps[1].surprise_rise < steps[0].surprise_rise);
}

TEST_CASE("an edit that turns a sign has to bring more than one that suppresses") {
    auto model = test::load_model(mixture_model);
    const texts_by_role texts = read_texts(model);
    const head_id turned{2, 2};
    const scoped_edit broken(model, scale(turned, -1.0F));
    descent_options options{.most_p = 0.05};
    const std::vector<descent_step> steps = surprise_descent(model, texts.fit, texts.select, options);
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].edit.edits == scale(turned, -1.0F).edits);
    CHECK(steps[0].held_out_rise <= -options.least_turn);
    options.least_turn = 2 * std::max(-steps[0].surprise_rise, -steps[0].held_out_rise);
    for (const target_id& target : targets_of(surprise_descent(model, texts.fit, texts.select, options)))
        CHECK(target != target_id(turned));
}

TEST_CASE("what fits a single text and no other is refused by texts held out") {
    const auto model = test::load_model(mixture_model);
    const texts_by_role texts = read_texts(model);
    const descent_options easily{.least_fit = 0.004, .least_gain = 0.004, .least_turn = 0.004};
    for (const forced_text& text : std::span(texts.fit).subspan(2)) {
        INFO(text.name);
        const std::vector<forced_text> itself(8, text);  // of which eight alike are significant
        CHECK_FALSE(surprise_descent(model, std::span(&text, 1), itself, easily).empty());
        CHECK(surprise_descent(model, std::span(&text, 1), texts.select, easily).empty());
    }
}

TEST_CASE("a descent can be stopped, and goes on from what it remembers") {
    auto model = test::load_model(mixture_model);
    const texts_by_role texts = read_texts(model);
    const scoped_edit broken(model, scale(head_id{2, 2}, -8.0F));
    CHECK(test::goes_on_from_a_memory([&](test::watched_memory& memory) {
        const descent_options one{.most_edits = 1, .most_p = 0.05};
        return surprise_descent(model, texts.fit, texts.select, one, no_progress{}, memory);
    }));
    const auto stop = [](const progress_event&) { return false; };
    CHECK(test::fault_of([&] { (void)surprise_descent(model, texts.fit, texts.select, {}, stop); }).find("cancelled") !=
          std::string::npos);
}
