// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The search: what a strategy proposes, what a budget refuses, which plan is best; on measurements made by hand.
#include <catch2/catch_test_macros.hpp>
#include <unloop/search.hpp>

#include <vector>

namespace {

using namespace unloop;

measurement measured(std::size_t loops, std::size_t well, std::size_t early, double distinct) {
    measurement made;
    for (std::size_t i = 0; i < loops; ++i) made.outcomes.add(outcome::collapse);
    for (std::size_t i = 0; i < well; ++i) made.outcomes.add(outcome::ended_with_content);
    for (std::size_t i = 0; i < early; ++i) made.outcomes.add(outcome::ended_early);
    made.distinct_items.mean = distinct;
    return made;
}

trial tried(plan edit, measurement result, double kl) {
    trial made{std::move(edit), std::move(result), {}, false};
    made.healthy.mean = made.healthy.surprise_rise = kl;
    return made;
}

localization with_candidates(std::size_t count) {
    localization found;
    for (std::size_t i = 0; i < count; ++i)
        found.free.push_back({{neuron_id{static_cast<std::int32_t>(i), 3}, i % 2 == 0 ? -1.0F : 0.5F}, i});
    return found;
}

const plan one_edit = suppress(neuron_id{1, 2}), other_edit = invert(neuron_id{2, 3});

}  // namespace

TEST_CASE("a budget refuses divergence, lost items, early endings and lost copying, however few loops are left") {
    const measurement unedited = measured(10, 10, 0, 6);
    const search_budget budget{.token_kl = 0.05, .fewer_items = 0.1, .early_endings = 0.05, .copying = 0.03};
    CHECK(detail::within(budget, unedited, tried(one_edit, measured(2, 17, 1, 5.5), 0.05)));
    CHECK_FALSE(detail::within(budget, unedited, tried(one_edit, measured(0, 20, 0, 6), 0.051)));
    CHECK_FALSE(detail::within(budget, unedited, tried(one_edit, measured(0, 20, 0, 5.3), 0)));
    CHECK_FALSE(detail::within(budget, unedited, tried(one_edit, measured(0, 18, 2, 6), 0)));
    trial copies_less = tried(one_edit, measured(2, 17, 1, 5.5), 0.05);
    copies_less.copying_lost = 0.03;
    CHECK(detail::within(budget, unedited, copies_less));
    copies_less.copying_lost = 0.031;
    CHECK_FALSE(detail::within(budget, unedited, copies_less));
    CHECK(detail::within(search_budget::unlimited(), unedited, copies_less));
    // What strategies follow: a loop fewer outweighs what the budget allows, and not what it refuses.
    const trial_cost cost;
    CHECK(cost(tried(one_edit, measured(2, 18, 0, 6), 0.04)) < cost(tried(one_edit, measured(3, 17, 0, 6), 0)));
    CHECK(cost(tried(one_edit, measured(2, 18, 0, 6), 0.04)) > cost(tried(one_edit, measured(2, 18, 0, 6), 0.03)));
    CHECK(cost(tried(one_edit, measured(2, 18, 0, 6), 0.06)) > cost(tried(one_edit, measured(3, 17, 0, 6), 0)));
    CHECK(cost(copies_less) > cost(tried(one_edit, measured(2, 17, 1, 5.5), 0.05)));
    CHECK(detail::within(search_budget::unlimited(), unedited, tried(one_edit, measured(0, 0, 20, 0), 9)));
    // A broken model may name nothing at all.
    CHECK(detail::within(search_budget::unlimited(), measured(20, 0, 0, 0), tried(one_edit, measured(0, 20, 0, 5), 9)));
}

TEST_CASE("fewer loops are better, but an edit more must save more than one") {
    const trial single = tried(one_edit, measured(2, 18, 0, 6), 0.01);
    CHECK(detail::better(tried(one_edit, measured(1, 0, 19, 1), 1), single));
    CHECK_FALSE(detail::better(tried(one_edit + other_edit, measured(1, 19, 0, 6), 0.001), single));
    CHECK(detail::better(tried(one_edit + other_edit, measured(0, 20, 0, 6), 0.5), single));
    CHECK(detail::better(tried(one_edit, measured(2, 17, 1, 6), 0), single));  // how a few answers end is noise
    CHECK(detail::better(single, tried(one_edit, measured(2, 18, 0, 6), 0.02)));
}

TEST_CASE("in a broken model an edit may also pay by what healthy texts gain, and loops alone do not decide") {
    const auto repaired = [](plan edit, std::size_t loops, double rise) {
        trial made = tried(std::move(edit), measured(loops, 20 - loops, 0, 6), 0.5);
        made.repairs = true, made.healthy.surprise_rise = rise;
        return made;
    };
    const trial single = repaired(one_edit, 1, -0.2401);
    CHECK(detail::better(repaired(one_edit + other_edit, 2, -0.4901), single));
    CHECK(detail::better(repaired(one_edit + other_edit, 1, -0.2701), single));
    CHECK_FALSE(detail::better(repaired(one_edit + other_edit, 1, -0.2499), single));  // less than an edit must bring
    CHECK(detail::better(repaired(one_edit + other_edit, 0, -0.2461), single));        // half of it and a loop
    CHECK_FALSE(detail::better(repaired(one_edit + other_edit, 2, -0.2541), single));
    CHECK_FALSE(detail::better(repaired(one_edit, 1, 0.9), repaired(one_edit, 1, 0.8)));
    CHECK(detail::better(repaired(one_edit, 1, 0.9), repaired(one_edit, 2, 0.8)));  // surprise is no fine
    trial within_budget = repaired(one_edit + other_edit, 2, -0.4901);
    within_budget.repairs = false;
    CHECK_FALSE(detail::better(within_budget, single));

    const trial_cost cost;
    CHECK(cost(repaired(one_edit, 1, -0.2)) < cost(repaired(one_edit, 1, -0.1)));
    CHECK(cost(repaired(one_edit, 2, -0.2)) > cost(repaired(one_edit, 1, -0.2)));
    CHECK(cost(repaired(one_edit, 2, -0.2)) < cost(repaired(one_edit, 1, 0)));
}

TEST_CASE("what healthy texts tell is proposed first, and is what other strategies begin with") {
    const measurement unedited = measured(10, 10, 0, 6);
    localization found = with_candidates(4);
    found.descent = {{one_edit, -0.2}, {one_edit + other_edit, -0.3}};
    const greedy_combinations strategy{.singles = 4};
    const auto plans = strategy.propose(found, {unedited, {}, 0, 24});
    REQUIRE(plans.size() == 2);
    CHECK(plans[0] == one_edit);
    CHECK(plans[1] == one_edit + other_edit);
    const std::vector<trial> ended{tried(one_edit, measured(1, 19, 0, 6), 0)};
    const auto adjusted = strategy.propose(found, {unedited, ended, 1, 24});
    REQUIRE(adjusted.size() == 1);
    CHECK(adjusted[0].edits == scale(one_edit.edits[0].target, 0x1p-6F).edits);  // beside 0
    const std::vector<trial> looping{tried(one_edit, measured(9, 11, 0, 6), 0)};
    const auto singles = strategy.propose(found, {unedited, looping, 1, 24});
    REQUIRE(singles.size() == 4);
    CHECK(singles[0].edits == scale(neuron_id{0, 3}, -1.0F).edits);
    const auto joined = strategy.propose(found, {unedited, looping, 2, 24});
    CHECK(joined.empty());  // nothing but the base was tried
    CHECK(detail::start_or_best({}, found, 2) == one_edit + other_edit);
    CHECK(detail::start_or_best(other_edit, found, 2) == other_edit);
}

TEST_CASE("the first round tries each candidate under its factor, then the grid; no plan twice") {
    const measurement unedited = measured(10, 10, 0, 6);
    const std::vector<trial> none;
    const greedy_combinations strategy{.singles = 12};
    const auto plans = strategy.propose(with_candidates(4), {unedited, none, 0, 24});
    REQUIRE(plans.size() == 12);
    CHECK(plans[0].edits == scale(neuron_id{0, 3}, -1.0F).edits);
    CHECK(plans[3].edits == scale(neuron_id{3, 3}, 0.5F).edits);
    CHECK(plans[4].edits == scale(neuron_id{0, 3}, 0.0F).edits);
    for (std::size_t i = 0; i < plans.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) CHECK(plans[i].edits != plans[j].edits);
}

TEST_CASE("later rounds join the best plan with other neurons, until nothing is left to save") {
    const measurement unedited = measured(10, 10, 0, 6);
    std::vector<trial> trials{tried(one_edit, measured(4, 16, 0, 6), 0.01),
                              tried(other_edit, measured(5, 15, 0, 6), 0.01),
                              tried(scale(neuron_id{1, 2}, 0.5F), measured(6, 14, 0, 6), 0.01)};
    for (trial& each : trials) each.within_budget = true;
    const greedy_combinations strategy;
    const auto plans = strategy.propose({}, {unedited, trials, 1, 24});
    REQUIRE(plans.size() == 1);  // the third edits the same neuron
    CHECK(plans[0].edits == (one_edit + other_edit).edits);
    trials.push_back(tried(plans[0], measured(0, 20, 0, 6), 0.01));
    trials.back().within_budget = true;
    // Then how much: the next factors of the target that is suppressed, and the ends of the ladder for the other.
    const auto round = [&](std::size_t number) { return strategy.propose({}, {unedited, trials, number, 24}); };
    auto adjusted = round(2);
    REQUIRE(adjusted.size() == 3);
    CHECK(adjusted[0].edits == (scale(neuron_id{1, 2}, 0.015625F) + other_edit).edits);
    CHECK(adjusted[1].edits == (one_edit + suppress(neuron_id{2, 3})).edits);
    CHECK(adjusted[2].edits == (one_edit + scale(neuron_id{2, 3}, 0.5F)).edits);
    for (const plan& one : adjusted) {
        trials.push_back(tried(one, measured(0, 20, 0, 6), one == adjusted[0] ? 0.001 : 0.02));
        trials.back().within_budget = true;
    }
    adjusted = round(3);
    REQUIRE(adjusted.size() == 3);  // around the better one
    CHECK(adjusted[0].edits == (scale(neuron_id{1, 2}, 0.03125F) + other_edit).edits);
    for (const plan& one : adjusted) trials.push_back(tried(one, measured(0, 20, 0, 6), 0.02));
    CHECK(round(4).empty());
    CHECK(strategy.propose({}, {unedited, {}, 1, 24}).empty());
}

TEST_CASE("of plans that leave no loop the one that healthy texts surprise least is best, however far it goes") {
    trial half = tried(scale(neuron_id{1, 2}, 0.5F), measured(0, 18, 0, 6), 0.01);
    half.healthy.surprise_rise = -0.2;
    trial whole = tried(one_edit, measured(0, 16, 0, 6), 0.6);
    whole.healthy.surprise_rise = -0.5;
    CHECK(detail::better(whole, half));
    CHECK_FALSE(detail::better(half, whole));
}

TEST_CASE("stop_at asks every detector and reports the first finding") {
    auto rule = stop_at_loops();
    std::optional<finding> found;
    for (int i = 0; i < 36 && !found; ++i) found = rule.observe(7, "");
    REQUIRE(found);
    CHECK(found->kind == loop_kind::periodic);
    auto lines = stop_at_loops();
    found.reset();
    for (int i = 0; i < 10 && !found; ++i) found = lines.observe(i, "- the same answer\n");
    REQUIRE(found);
    CHECK(found->kind == loop_kind::list_collapse);
}
