// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Learned gains on a trained model that loops on lists it knows: gradients of factors, what fitting does to examples
// that are held out, the shrinking schedule, and that all of it is the same on any number of threads.
#include <unloop/search/learned_gains.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>
#include <unloop/evaluate/reference_text_json.hpp>

#include "support/any_model.hpp"
#include "support/golden.hpp"
#include "support/watched_memory.hpp"

namespace {

using namespace unloop;

const std::string dense_model = golden::path("../../examples/models/dense");

template <class Model>
gain_data some_data(const Model& model) {
    gain_data data;
    const auto prompts = encode_suite(model, read_probe_suite(dense_model + "/probes/lists_fit.json"));
    data.prompts.assign(prompts.begin(), prompts.begin() + 8);
    data.held_out.assign(prompts.begin() + 8, prompts.begin() + 14);
    std::vector<forced_text> texts;
    for (const forced_text& text : force(model, read_text_suite(dense_model + "/probes/texts.json")))
        texts.push_back(text);
    data.texts.assign(texts.begin(), texts.begin() + 3);
    data.held_out_texts.assign(texts.begin() + 3, texts.begin() + 5);
    return data;
}

}  // namespace

TEST_CASE("divergence is 0 from itself, and its gradient is a central difference") {
    random_sequence random(1, 1);
    std::vector<float> logits(9), others(9);
    for (float& logit : logits) logit = static_cast<float>(4 * random.uniform());
    for (float& logit : others) logit = static_cast<float>(4 * random.uniform());
    token_distribution wanted = distribution_of(others, 4);
    CHECK(std::abs(add_divergence(wanted, others, 0, {})) < 1e-6);
    forbid(wanted, [&](token_id token) { return token == wanted.tokens[1]; });
    CHECK(wanted.shares[1] == 0);
    CHECK(std::abs(wanted.shares[0] + wanted.shares[2] + wanted.shares[3] + wanted.rest - 1) < 1e-12);
    std::vector<float> gradient(9);
    add_divergence(wanted, logits, 2, gradient);
    for (std::size_t v = 0; v < logits.size(); ++v) {
        const auto at = [&](float by) {
            std::vector<float> moved = logits;
            moved[v] += by;
            return add_divergence(wanted, moved, 0, {});
        };
        CHECK(std::abs((at(0.01F) - at(-0.01F)) / 0.01 - static_cast<double>(gradient[v])) < 2e-4);
    }
}

TEST_CASE("factors are rounded to powers of two of either sign, and small ones to 0") {
    CHECK(nearest_exact_factor(1.3) == 1.0);
    CHECK(nearest_exact_factor(1.5) == 2.0);
    CHECK(nearest_exact_factor(-0.6) == -0.5);
    CHECK(nearest_exact_factor(0.05) == 0.0);
    CHECK(nearest_exact_factor(-1.0) == -1.0);
}

TEST_CASE("gradients of factors are central differences of the divergence, for targets of every kind") {
    const auto model = test::load_model(golden::path("models/moe"));
    forced_text text{"", {2, 9, 40, 41, 42, 77, 9, 40, 41, 42, 5}, 3};
    serial executor;
    gain_example example = healthy_example(model, text, executor);
    for (gain_target& target : example.targets)
        forbid(target.wanted, [&](token_id token) { return token == target.wanted.tokens.front(); });
    gain_fit fit(model, text.tokens.size(), text.tokens.size());
    const target_scores gradients = fit.gradients(example, {.other_weight = 1}, executor);
    for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
        INFO(kind.name);
        std::size_t compared = 0;
        double largest = 0;
        gradients.for_each<Id>([&](const Id&, double gradient) { largest = std::max(largest, std::abs(gradient)); });
        gradients.for_each<Id>([&](const Id& id, double gradient) {
            if (compared == 12 || std::abs(gradient) < 0.2 * largest) return;
            const auto loss = [&](double factor) {
                target_scores moved(model.config());
                for_each_target_kind([&]<class Other>(target_kind<Other>) {
                    for (std::size_t layer = 0; layer < moved.layers(); ++layer)
                        for (double& one : moved.of<Other>(layer)) one = 1;
                });
                moved[id] = factor;
                fit.restore(moved);
                return fit.loss(std::span(&example, 1), executor).others;
            };
            CHECK(std::abs((loss(1.02) - loss(0.98)) / 0.04 - gradient) < 0.02 * largest);
            ++compared;
        });
        CHECK(compared > 0);
    });
}

TEST_CASE(
    "gains fitted on some lists bring others nearer to going on, at a small price, with fewer and fewer targets") {
    const auto model = test::load_model(dense_model);
    const gain_data data = some_data(model);
    gain_options options;
    options.most_targets = 16, options.rounds = 1, options.refit_epochs = 2;
    options.generation.max_tokens = 160, options.generation.batch = 10;
    options.fit.epochs = 4, options.fit.rate = 0.05;
    thread_pool one(1), three(3);
    const gain_schedule schedule = learn_gains(model, data, options, one);
    CHECK(schedule.looping > 0);
    REQUIRE(schedule.steps.size() == 5);
    CHECK(schedule.unedited.decisions > 0.1);
    CHECK(std::abs(schedule.unedited.others) < 1e-4);
    for (std::size_t i = 0; i < schedule.steps.size(); ++i) {
        const gain_step& step = schedule.steps[i];
        INFO(step.targets << " targets: decisions " << step.held_out.decisions << ", exact "
                          << step.held_out_exact.decisions << " of " << schedule.unedited.decisions << ", others "
                          << step.held_out.others << ", exact " << step.held_out_exact.others);
        CHECK(step.targets == 16U >> i);
        CHECK(step.fitted.size() <= step.targets);
        CHECK(step.exact.size() <= step.fitted.size());
        for (const target_edit& edit : step.exact.edits)
            CHECK(static_cast<double>(edit.factor) == nearest_exact_factor(static_cast<double>(edit.factor)));
        if (i == 0) CHECK(step.held_out.decisions < 0.9 * schedule.unedited.decisions);
        CHECK(step.held_out.others < 0.5);
    }
    const gain_cost cost = cost_of_gains(model.config(), data, options);
    CHECK(cost.gradients == (4 + 5 * 2) * (8 + 3));  // epochs, steps of two epochs; prompts, texts
    CHECK(cost.gradient.multiply_adds > cost.gradient.of_forward);
    const gain_schedule again = learn_gains(model, data, options, three);
    for (std::size_t i = 0; i < schedule.steps.size(); ++i) {
        CHECK(again.steps[i].fitted == schedule.steps[i].fitted);
        CHECK(again.steps[i].held_out_exact == schedule.steps[i].held_out_exact);
    }
    CHECK(test::goes_on_from_a_memory([&](test::watched_memory& memory) {
        gain_options few = options;
        few.most_targets = 2, few.refit_epochs = 1, few.fit.epochs = 1, few.rounds = 2;
        std::vector<plan> fitted;
        for (const gain_step& step : learn_gains(model, data, few, one, no_progress{}, memory).steps)
            fitted.push_back(step.fitted);
        return fitted;
    }));
    const measurement none;
    const std::vector<trial> tried;
    learned_gains strategy{schedule};
    const auto plans = strategy.propose({}, {none, tried, 0, 10});
    CHECK_FALSE(plans.empty());
    for (const plan& proposed : plans) CHECK_FALSE(proposed.empty());
    CHECK(strategy.propose({}, {none, tried, 1, 10}).empty());
}

TEST_CASE("nothing is fitted once the time is over") {
    const auto model = test::load_model(dense_model);
    const gain_data data = some_data(model);
    gain_options options;
    options.generation.max_tokens = 160, options.generation.batch = 10, options.most_seconds = 0;
    thread_pool pool(2);
    const gain_schedule schedule = learn_gains(model, data, options, pool);
    CHECK(schedule.looping > 0);
    CHECK(schedule.steps.empty());
    const state_size size = detail::largest_example(data, options);
    gain_fit fit(model, size.positions, size.logit_rows);
    fit.free_all<neuron_id>();
    const std::vector<gain_example> examples{healthy_example(model, data.texts.front(), pool)};
    fit.fit(examples, {.epochs = 1}, pool, time_limit(0));
    CHECK(fit.as_plan().empty());
    CHECK(time_limit::none().left() > 0);
}
