// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What counts as an objective; the library's own keeps the laws, and the laws find what is wrong.
#include <unloop/attribute/any_objective.hpp>

#include <archetypes/attribution.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/objective.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace unloop;

namespace {

using names = std::vector<std::string>;
using weights = std::vector<logit_weight>;

static_assert(decision_objective<archetypes::objective>);
static_assert(!decision_objective<int>);

struct without_gradient {
    double value(std::span<const float>, const decision&) const;
};
struct without_value {
    weights gradient(std::span<const float>, const decision&) const;
};
struct value_in_float : without_value {
    float value(std::span<const float>, const decision&) const;
};
static_assert(has_value<without_gradient> && !decision_objective<without_gradient>);
static_assert(has_gradient<without_value> && !decision_objective<without_value>);
static_assert(!decision_objective<value_in_float>);

const auto margin = [](std::span<const float> logits, const decision& at) { return loop_margin{}.value(logits, at); };
const auto its_gradient = [](std::span<const float> logits, const decision& at) {
    return loop_margin{}.gradient(logits, at);
};
const auto logit = [](std::span<const float> logits, const decision& at) {
    return static_cast<double>(logits[static_cast<std::size_t>(at.loop)]);
};
const auto its_slope = [](std::span<const float>, const decision& at) { return weights{{at.loop, 1.0}}; };

}  // namespace

TEST_CASE("the loop margin and the smallest own objective keep the laws of objectives", "[laws]") {
    CHECK(laws::broken_objective_laws(loop_margin{}) == names{});
    CHECK(laws::broken_objective_laws(loop_margin{token_id{3}}) == names{});
    CHECK(laws::broken_objective_laws(loop_margin{}, {.vocabulary = 300, .alternatives = 1}) == names{});
    CHECK(laws::broken_objective_laws(archetypes::objective(0)) == names{});
    CHECK(laws::broken_objective_laws(objective_from{logit, its_slope}, {.is_of_distribution = false}) == names{});
}

TEST_CASE("all objectives of the library keep the laws", "[laws]") {
    CHECK(laws::broken_objective_laws(loop_negative_log_likelihood{}) == names{});
    CHECK(laws::broken_objective_laws(logit_difference{}) == names{});
    CHECK(laws::broken_objective_laws(logit_difference{token_id{39}}) == names{});
    CHECK(laws::broken_objective_laws(token_logit{3}, {.is_of_distribution = false}) == names{});
    CHECK(laws::broken_objective_laws(end_probability{{3, 17}}) == names{});
    CHECK(laws::broken_objective_laws(divergence_from<>{}) == names{});
    const auto lopsided = [](const decision& at) {
        return std::vector<token_share>{{at.loop, 0.75}, {at.alternatives.front(), 0.25}, {at.alternatives.back(), 0}};
    };
    CHECK(laws::broken_objective_laws(divergence_from<decltype(lopsided)>{lopsided}) == names{});
}

TEST_CASE("an objective that is named is the one of that name", "[laws]") {
    const std::vector<token_id> ends{3, 17};
    const std::vector<float> logits{1, 2, 0.5F, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const decision at{5, 1, {0, 2}, {0.75, 0.25}};
    const std::map<std::string_view, double> values{
        {"loop_margin", loop_margin{}.value(logits, at)},
        {"loop_negative_log_likelihood", loop_negative_log_likelihood{}.value(logits, at)},
        {"logit_difference", logit_difference{}.value(logits, at)},
        {"end_probability", end_probability{ends}.value(logits, at)},
        {"divergence", divergence_from<>{}.value(logits, at)}};
    REQUIRE(values.size() == any_objective::names.size());
    for (const std::string_view name : any_objective::names) {
        const any_objective named = any_objective::named(name, ends);
        CHECK(named.name() == name);
        CHECK(named.value(logits, at) == values.at(name));
        CHECK(laws::broken_objective_laws(named) == names{});
    }
    CHECK_THROWS_AS(any_objective::named("end_probability", {}), error);
    CHECK_THROWS_AS(any_objective::named("margin", ends), error);
}

TEST_CASE("objectives follow their formulas") {
    const std::vector<float> logits{1, 2, 0.5F, -1};
    const decision at{5, 1, {0, 2}, {0.75, 0.25}};
    const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(0.5) + std::exp(-1.0);
    const auto is = [](double a, double b) { return std::abs(a - b) < 1e-12; };
    CHECK(is(loop_negative_log_likelihood{}.value(logits, at), std::log(sum) - 2));
    CHECK(is(logit_difference{}.value(logits, at), 1));
    CHECK(is(logit_difference{token_id{3}}.value(logits, at), 3));
    CHECK(is(end_probability{{0, 3}}.value(logits, at), (std::exp(1.0) + std::exp(-1.0)) / sum));
    CHECK(is(divergence_from<>{}.value(logits, at),
             0.75 * (std::log(0.75) - 1 + std::log(sum)) + 0.25 * (std::log(0.25) - 0.5 + std::log(sum))));
    const decision even{5, 1, {0, 2}};
    CHECK(is(divergence_from<>{}.value(logits, even), std::log(0.5) - 0.75 + std::log(sum)));
}

TEST_CASE("the laws of objectives find what is wrong", "[laws]") {
    const std::string gradient = "gradient: it is the derivative of the value";
    const auto negated = [](std::span<const float> logits, const decision& at) {
        weights turned = loop_margin{}.gradient(logits, at);
        for (logit_weight& weight : turned) weight.factor = -weight.factor;
        return turned;
    };
    const auto nothing = [](std::span<const float>, const decision&) { return weights{}; };
    const auto elsewhere = [](std::span<const float> logits, const decision&) {
        return weights{{static_cast<token_id>(logits.size()), 1.0}};
    };
    const auto overflowing = [](std::span<const float> logits, const decision& at) {
        double sum = 0;
        for (const token_id token : at.alternatives)
            sum += std::exp(static_cast<double>(logits[static_cast<std::size_t>(token)]));
        return logit(logits, at) - std::log(sum);
    };
    const auto moody = [calls = std::make_shared<int>(0)](std::span<const float> logits, const decision& at) {
        return margin(logits, at) + ++*calls;
    };
    CHECK(laws::broken_objective_laws(objective_from{margin, negated}) == names{gradient});
    CHECK(laws::broken_objective_laws(objective_from{margin, nothing}) ==
          names{gradient, "something: the gradient is not 0 everywhere"});
    CHECK(laws::broken_objective_laws(objective_from{margin, elsewhere}) ==
          names{"range: the gradient names tokens of the vocabulary", "something: the gradient is not 0 everywhere"});
    CHECK(laws::broken_objective_laws(objective_from{overflowing, its_gradient}) ==
          names{"finiteness: the value is finite where logits are, large ones included"});
    CHECK(laws::broken_objective_laws(objective_from{logit, its_slope}) ==
          names{"distribution: raising all logits by the same amount changes nothing"});
    const auto broken = laws::broken_objective_laws(objective_from{moody, its_gradient});
    CHECK(broken.size() == 3);  // values that change belong to no gradient and no distribution
    CHECK(std::find(broken.begin(), broken.end(),
                    "purity: equal logits and decisions give equal values and gradients") != broken.end());
}
