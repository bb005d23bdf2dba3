// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What each strategy does, in games whose best plan is known; the front and the noise of a selection, by hand.
#include <catch2/catch_test_macros.hpp>
#include <unloop/search/any_strategy.hpp>
#include <unloop/search/front.hpp>
#include <unloop/search/selection_noise.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace unloop;

constexpr std::size_t suite_size = 12;

neuron_id target(int i) { return neuron_id{i, 3}; }

/// Candidates of localisation: targets 0 to count - 1, all silenced.
localization with_candidates(int count) {
    localization found;
    for (int i = 0; i < count; ++i) {
        found.free.push_back({{target(i), 0.0F}, 0});
        found.exact.push_back({{target(i), 0.0F}, 1, 0, 0});
    }
    return found;
}

float factor_of(const plan& edited, int i) {
    float factor = 1;
    for (const target_edit& edit : edited.edits)
        if (edit.target == target_id(target(i))) factor = edit.factor;
    return factor;
}

/// Plays the driver; what a plan costs is a divergence that the game makes up.
template <class Strategy>
std::vector<trial> play(Strategy& strategy, const localization& found, const std::function<double(const plan&)>& cost,
                        std::size_t most = 400) {
    measurement unedited;
    for (std::size_t i = 0; i < suite_size; ++i) unedited.outcomes.add(outcome::ended_with_content);
    std::vector<trial> trials;
    for (std::size_t round = 0; trials.size() < most; ++round) {
        const search_state state{unedited, trials, round, most - trials.size(), suite_size};
        std::vector<plan> plans = strategy.propose(found, state);
        const std::size_t probes = probes_of_round(strategy, state);
        if (plans.empty()) break;
        for (plan& one : plans) {
            trial tried{one, unedited, {}, true, probes < suite_size};
            tried.healthy.mean = cost(one) / trial_cost{}.nat;
            trials.push_back(tried);
        }
    }
    return trials;
}

const trial& cheapest(const std::vector<trial>& trials) {
    return *std::min_element(trials.begin(), trials.end(),
                             [](const trial& a, const trial& b) { return a.healthy.mean < b.healthy.mean; });
}

measurement measured(const std::vector<bool>& loops) {
    measurement made;
    for (const bool looped : loops) {
        made.answers.emplace_back();
        made.answers.back().what = looped ? outcome::collapse : outcome::ended_with_content;
        made.outcomes.add(made.answers.back().what);
    }
    return made;
}

}  // namespace

TEST_CASE("top-k takes the best of a method, every count under every factor", "[strategies]") {
    localization found;
    for (const char* const name : {"first", "second"}) {
        target_scores scores(std::vector<layer_dimensions>{{4, 2, 1, 0}});
        scores.neurons(0) = {0.1, -0.9, 0.5, 0.2};
        scores.of<expert_id>(0) = {0.1, 0.3};
        found.methods.push_back({name, false, scores});
    }
    found.methods[1].scores.neurons(0)[0] = 7;
    const measurement unedited;
    const std::vector<trial> none;
    const top_k_grid by_first{"", {1, 2, 4, 8}, {0.0F, -1.0F}};
    const auto plans = by_first.propose(found, {unedited, none, 0, 24, 12});
    REQUIRE(plans.size() == 2 * (3 + 2));  // 8 neurons there are not, nor 4 experts
    CHECK(plans[0].edits == suppress(neuron_id{0, 1}).edits);
    CHECK(plans[1].edits == suppress(expert_id{0, 1}).edits);
    CHECK(plans[2].edits == invert(neuron_id{0, 1}).edits);
    CHECK(plans[4].edits == suppress(std::vector<neuron_id>{{0, 1}, {0, 2}}).edits);
    const top_k_grid by_second{"second", {1}, {0.0F}};
    CHECK(by_second.propose(found, {unedited, none, 0, 24, 12})[0].edits == suppress(neuron_id{0, 0}).edits);
    CHECK(by_second.propose(found, {unedited, none, 1, 24, 12}).empty());
    CHECK_THROWS_AS((top_k_grid{"third", {1}, {0.0F}}.propose(found, {unedited, none, 0, 24, 12})), error);
    CHECK(top_k_grid{"third", {1}, {0.0F}}.propose({}, {unedited, none, 0, 24, 12}).empty());  // nothing loops
    found.kinds = {target_kind<expert_id>{}};
    const auto of_experts = by_first.propose(found, {unedited, none, 0, 24, 12});
    CHECK(of_experts.size() == 2 * 2);
    for (const plan& proposed : of_experts)
        for (const target_edit& one : proposed.edits) CHECK(std::holds_alternative<expert_id>(one.target));
}

TEST_CASE("pruning keeps the two edits that work together, and neither alone", "[strategies]") {
    backward_pruning strategy;
    strategy.candidates = 6;
    const auto together = [](const plan& edited) {
        return factor_of(edited, 1) == 0 && factor_of(edited, 4) == 0 ? 0.1 : 1.0;
    };
    const auto trials = play(strategy, with_candidates(8), together);
    CHECK(trials.front().edit.size() == 6);
    CHECK(trials.size() == 1 + 6 + 5 + 4 + 3 + 2);
    std::size_t smallest = 6;
    for (const trial& tried : trials)
        if (together(tried.edit) < 1) smallest = std::min(smallest, tried.edit.size());
    CHECK(smallest == 2);

    backward_pruning given;
    given.start = suppress(std::vector<neuron_id>{target(1), target(4), target(7)});
    const auto fewer = play(given, with_candidates(2), together);
    CHECK(fewer.front().edit.edits == given.start.edits);
    CHECK(fewer.size() == 1 + 3 + 2);
}

TEST_CASE("ranked pruning leaves out what is missed least, down to the one edit that matters", "[strategies]") {
    ranked_pruning strategy;
    strategy.candidates = 5;
    const auto most_for_three = [](const plan& edited) {  // 3 matters most, then 0
        return (factor_of(edited, 3) == 0 ? 0 : 1.0) + (factor_of(edited, 0) == 0 ? 0 : 0.5);
    };
    const auto trials = play(strategy, with_candidates(8), most_for_three);
    REQUIRE(trials.size() == 1 + 5 + 3);
    for (std::size_t i = 1; i <= 5; ++i) CHECK(trials[i].edit.size() == 4);
    CHECK(trials[7].edit.edits == suppress(std::vector<neuron_id>{target(0), target(3)}).edits);
    CHECK(trials[8].edit.edits == suppress(target(3)).edits);

    ranked_pruning given;
    given.start = suppress(std::vector<neuron_id>{target(1), target(4)});
    CHECK(play(given, with_candidates(2), most_for_three).size() == 1 + 2);
    ranked_pruning alone;
    alone.start = suppress(target(1));
    CHECK(play(alone, with_candidates(2), most_for_three).size() == 1);
}

TEST_CASE("coordinate search finds the factors that the grid has", "[strategies]") {
    coordinate_search strategy;
    strategy.candidates = 3;
    const auto distance = [](const plan& edited) {
        return std::abs(factor_of(edited, 0) - 0.25) + std::abs(factor_of(edited, 1) + 1.0) +
               std::abs(factor_of(edited, 2) - 1.0);
    };
    const auto change = [&](const plan& edited) { return distance(edited) - distance({}); };  // no edit costs nothing
    const auto trials = play(strategy, with_candidates(5), change);
    const plan& best = cheapest(trials).edit;
    CHECK(best.edits == (scale(target(0), 0.25F) + invert(target(1))).edits);  // the third was left out
    CHECK(trials.size() < 60);
    CHECK(trials.front().edit.size() == 1);

    coordinate_search given;
    given.start = suppress(std::vector<neuron_id>{target(0), target(2)});
    const auto from_given = play(given, with_candidates(5), distance);
    CHECK(from_given.front().edit.edits == given.start.edits);
    CHECK(cheapest(from_given).edit.edits == scale(target(0), 0.25F).edits);
}

TEST_CASE("halving takes the cheaper half to twice as many probes", "[strategies]") {
    successive_halving strategy;
    strategy.plans = 16;
    const auto by_number = [](const plan& edited) {
        return std::get<neuron_id>(edited.edits.front().target).layer + 0.1 * std::abs(edited.edits.front().factor);
    };
    const auto trials = play(strategy, with_candidates(16), by_number);
    REQUIRE(trials.size() == 16 + 8 + 4);
    std::size_t partial = 0;
    for (const trial& tried : trials) partial += tried.is_partial ? 1 : 0;
    CHECK(partial == 16 + 8);  // 3, then 6, then all 12 probes
    std::set<std::int32_t> last;
    for (std::size_t i = 24; i < 28; ++i) last.insert(layer_of(trials[i].edit.edits.front().target));
    CHECK(last == std::set<std::int32_t>{0, 1, 2, 3});
}

TEST_CASE("evolution moves many factors to where the cost is low, by its seed", "[strategies]") {
    const auto distance = [](const plan& edited) {
        double sum = 0;
        for (int i = 0; i < 4; ++i) sum += std::pow(factor_of(edited, i) - 0.5 * i, 2);
        return sum;  // no edit costs 1.5
    };
    evolution_strategy strategy;
    strategy.candidates = 4;
    evolution_strategy again = strategy, other = strategy;
    other.seed = 1;
    const auto trials = play(strategy, with_candidates(4), distance);
    CHECK(distance(cheapest(trials).edit) < 0.1);
    const auto same = play(again, with_candidates(4), distance), different = play(other, with_candidates(4), distance);
    REQUIRE(same.size() == trials.size());
    CHECK(same.back().edit == trials.back().edit);
    CHECK(different.front().edit.edits != trials.front().edit.edits);
    CHECK(distance(cheapest(different).edit) < 0.1);
}

TEST_CASE("strategies have names", "[strategies]") {
    CHECK(any_strategy::names() == "greedy, top_k, pruning, ranked_pruning, coordinates, halving, evolution, gains");
    for (const char* const name :
         {"greedy", "top_k", "pruning", "ranked_pruning", "coordinates", "halving", "evolution", "gains"})
        CHECK(any_strategy::named(name).name() == name);
    CHECK_THROWS_AS(any_strategy::named("luck"), error);
}

TEST_CASE("the front holds what nothing beats in all three at once", "[strategies]") {
    const auto tried = [](std::size_t loops, double kl, std::size_t weights) {
        std::vector<bool> answers(10);
        std::fill_n(answers.begin(), loops, true);
        trial made{{}, measured(answers), {}, true, false, weights};
        made.healthy.mean = kl;
        return made;
    };
    std::vector<trial> trials{tried(5, 0.1, 100), tried(5, 0.2, 100),  tried(3, 0.1, 200),
                              tried(5, 0.1, 100), tried(4, 0.05, 300), tried(9, 0.0, 100)};
    CHECK(search_front(trials) == std::vector<std::size_t>{0, 5, 2, 4});
    trials[0].is_partial = true;
    CHECK(search_front(trials) == std::vector<std::size_t>{3, 5, 2, 4});
    CHECK(search_front({}).empty());
}

TEST_CASE("the best of many is within the noise unless it holds after correction and against null edits",
          "[strategies]") {
    probe_suite suite{"s", data_role::select, {}};
    for (int i = 0; i < 12; ++i) suite.probes.push_back({"p", std::to_string(i), "", {}});
    const measurement unedited = measured(std::vector<bool>(12, true));
    const measurement cured = measured(std::vector<bool>(12, false));
    std::vector<bool> three(12, true);
    three[0] = three[5] = three[7] = false;
    const auto of = [&](const measurement& best, std::size_t plans, std::span<const trial> null = {}) {
        return judge_selection(suite, unedited, best, plans, null);
    };
    CHECK(of(cured, 24).p == 2 / 4096.0);
    CHECK(of(cured, 24).corrected_p == 24 * 2 / 4096.0);
    CHECK_FALSE(of(cured, 24).is_within());
    CHECK(of(cured, 200).is_within());
    CHECK(of(measured(three), 1).p == 2 / 8.0);
    CHECK(of(measured(three), 1).is_within());
    const std::vector<trial> null{{{}, measured(three), {}, true}, {{}, cured, {}, true}};
    CHECK_FALSE(of(cured, 24, std::span(null).first(1)).is_within());
    CHECK(of(cured, 24, null).is_within());
    CHECK(of(cured, 24, null).loops_null == std::vector<std::size_t>{9, 0});
}
