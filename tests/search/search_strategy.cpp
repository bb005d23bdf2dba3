// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What counts as a search strategy; the library's own keeps the laws, and the laws find what is wrong.
#include <archetypes/search_strategy.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/search_strategy.hpp>
#include <unloop/search/any_strategy.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

using namespace unloop;

namespace {

using names = std::vector<std::string>;
using several_plans = std::vector<plan>;

static_assert(search_strategy<archetypes::search_strategy>);
static_assert(!search_strategy<int>);
struct answers_one_plan {
    plan propose(const localization&, const search_state&) const;
};
static_assert(!search_strategy<answers_one_plan>);

/// A strategy from a callable.
template <class Propose>
struct from {
    Propose propose;
};
template <class Propose>
from(Propose) -> from<Propose>;

/// Every method's best neuron; nothing where there is none.
several_plans best_alone(const localization& found, const search_state& state) {
    if (found.methods.empty() || state.round > 0) return {};
    return {suppress(found.methods.front().scores.best_neurons(1))};
}

}  // namespace

TEST_CASE("the library's strategies and the smallest own one keep the laws of strategies", "[laws]") {
    CHECK(laws::broken_search_strategy_laws(greedy_combinations{}) == names{});
    CHECK(laws::broken_search_strategy_laws(greedy_combinations{.singles = 4, .joined = 2, .most_edits = 2}) ==
          names{});
    CHECK(laws::broken_search_strategy_laws(top_k_grid{}) == names{});
    CHECK(laws::broken_search_strategy_laws(backward_pruning{}) == names{});
    CHECK(laws::broken_search_strategy_laws(ranked_pruning{}) == names{});
    CHECK(laws::broken_search_strategy_laws(coordinate_search{}) == names{});
    CHECK(laws::broken_search_strategy_laws(successive_halving{}) == names{});
    successive_halving thirds;
    thirds.plans = 30, thirds.first_probes = 7, thirds.ratio = 3;
    CHECK(laws::broken_search_strategy_laws(thirds) == names{});
    CHECK(laws::broken_search_strategy_laws(evolution_strategy{}) == names{});
    CHECK(laws::broken_search_strategy_laws(any_strategy::named("halving")) == names{});
    CHECK(laws::broken_search_strategy_laws(archetypes::search_strategy(0)) == names{});
    CHECK(laws::broken_search_strategy_laws(from{best_alone}) == names{});
}

TEST_CASE("the laws of strategies find what is wrong", "[laws]") {
    const auto always = [](const localization&, const search_state& state) {
        return state.round > 0 ? several_plans{} : several_plans{suppress(neuron_id{1, 2})};
    };
    const auto never = [](const localization&, const search_state&) { return several_plans{}; };
    const auto empty = [](const localization& found, const search_state& state) {
        return several_plans(best_alone(found, state).size());
    };
    const auto beside = [](const localization& found, const search_state& state) {
        several_plans proposed = best_alone(found, state);
        for (plan& each : proposed) std::get<neuron_id>(each.edits.front().target).neuron += laws::detail::found_width;
        return proposed;
    };
    const auto endless = [](const localization& found, const search_state& state) {
        several_plans proposed = best_alone(found, state);
        for (plan& each : proposed) each.edits.front().factor = INFINITY;
        return proposed;
    };
    const auto forgetful = [](const localization& found, const search_state& state) {
        return best_alone(found, {state.unedited, state.trials, 0, state.plans_left, state.probes});
    };
    const auto moody = [calls = std::make_shared<float>(0.0F)](const localization& found, const search_state& state) {
        several_plans proposed = best_alone(found, state);
        for (plan& each : proposed) each.edits.front().factor = ++*calls;
        return proposed;
    };
    const std::string restraint = "restraint: plans name neurons that the model has, with finite factors";
    CHECK(laws::broken_search_strategy_laws(from{always}) ==
          names{"silence: where nothing was found, nothing is proposed"});
    CHECK(laws::broken_search_strategy_laws(from{never}) ==
          names{"something: where neurons were found, the first round has a plan"});
    CHECK(laws::broken_search_strategy_laws(from{empty}) == names{"change: no plan is empty"});
    CHECK(laws::broken_search_strategy_laws(from{beside}) == names{restraint});
    CHECK(laws::broken_search_strategy_laws(from{endless}) == names{restraint});
    CHECK(laws::broken_search_strategy_laws(from{forgetful}) ==
          names{"novelty: no plan is proposed twice on as many probes"});
    CHECK(laws::broken_search_strategy_laws(from{moody}) == names{"determinism: equal states give equal plans"});
}
