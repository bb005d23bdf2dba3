// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Controls: the same shape as the plan, other neurons, alike in strength.
#include <unloop/evaluate/matched_controls.hpp>

#include <unloop/edit/operators.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <set>
#include <vector>

using namespace unloop;

namespace {

/// Three layers of 200 neurons and 8 experts of 25; strengths from 1 to 1000, in no order.
target_scores uneven() {
    target_scores strengths(std::vector<layer_dimensions>(3, {200, 8, 2, 25}));
    for_each_target_kind([&]<class Id>(target_kind<Id>) {
        for (std::size_t layer = 0; layer < 3; ++layer)
            for (std::size_t i = 0; i < strengths.of<Id>(layer).size(); ++i)
                strengths.of<Id>(layer)[i] = std::pow(1000.0, random_uniform(1, layer, i));
    });
    return strengths;
}

/// One layer of neurons of these strengths.
target_scores neurons_of(const std::vector<double>& values) {
    target_scores strengths(std::vector<layer_dimensions>{{values.size()}});
    strengths.of<neuron_id>(0) = values;
    return strengths;
}

std::size_t rank_of(const std::vector<double>& strengths, std::size_t place) {
    const double own = strengths[place];
    return static_cast<std::size_t>(
        std::count_if(strengths.begin(), strengths.end(), [&](double s) { return s > own; }));
}

neuron_id neuron_of(const target_edit& edit) { return std::get<neuron_id>(edit.target); }

}  // namespace

TEST_CASE("a control has the layers and factors of the plan and none of its neurons", "[matched_controls]") {
    const target_scores strengths = uneven();
    const plan edited = suppress(std::vector<neuron_id>{{0, 5}, {2, 9}, {2, 10}}) + scale(neuron_id{2, 9}, 0.5F) +
                        invert(neuron_id{1, 199});
    const auto controls = matched_controls(edited, strengths, {.draws = 4, .nearest = 16, .seed = 2});
    REQUIRE(controls.size() == 4);
    std::set<std::vector<std::int32_t>> different;
    for (const plan& control : controls) {
        REQUIRE(control.size() == edited.size());
        std::vector<std::int32_t> neurons;
        for (std::size_t i = 0; i < edited.size(); ++i) {
            const neuron_id from = neuron_of(edited.edits[i]), to = neuron_of(control.edits[i]);
            CHECK(control.edits[i].factor == edited.edits[i].factor);
            CHECK(to.layer == from.layer);
            for (const target_edit& edit : edited.edits) CHECK(edit.target != target_id(to));
            const auto layer = static_cast<std::size_t>(from.layer);
            const auto rank = [&](neuron_id id) {
                return static_cast<double>(
                    rank_of(strengths.of<neuron_id>(layer), static_cast<std::size_t>(id.neuron)));
            };
            const double apart = std::abs(rank(from) - rank(to));
            CHECK(apart <= 18);  // 16 of one side at most, past 2 that are taken or edited
            neurons.push_back(to.neuron);
        }
        CHECK(control.edits[1].target == control.edits[3].target);  // one stand-in for one neuron
        CHECK(control.edits[1].target != control.edits[2].target);
        different.insert(neurons);
    }
    CHECK(different.size() == 4);
    CHECK(matched_controls(edited, strengths, {.draws = 4, .nearest = 16, .seed = 2}) == controls);
    CHECK(matched_controls(edited, strengths, {.draws = 1, .nearest = 16, .seed = 3})[0].edits != controls[0].edits);
}

TEST_CASE("with one neuron to draw from, it is the nearest in rank", "[matched_controls]") {
    const target_scores strengths = neurons_of({8, 7, 6, 5, 4, 3, 2, 1});
    const plan edited = suppress(std::vector<neuron_id>{{0, 2}, {0, 3}});
    const plan control = matched_controls(edited, strengths, {.draws = 1, .nearest = 1})[0];
    CHECK(neuron_of(control.edits[0]) == neuron_id{0, 1});
    CHECK(neuron_of(control.edits[1]) == neuron_id{0, 4});
}

TEST_CASE("strong plans get strong controls", "[matched_controls]") {
    const target_scores strengths = uneven();
    std::vector<neuron_id> strongest;
    for (std::int32_t i = 0; i < 200; ++i)
        if (rank_of(strengths.of<neuron_id>(0), static_cast<std::size_t>(i)) % 10 == 0) strongest.push_back({0, i});
    const auto sum_of = [&](const plan& edits) {
        double sum = 0;
        for (const target_edit& edit : edits.edits) sum += strengths[edit.target];
        return sum;
    };
    const plan edited = suppress(strongest);
    for (const plan& control : matched_controls(edited, strengths, {.draws = 4, .nearest = 4}))
        CHECK(std::abs(sum_of(control) / sum_of(edited) - 1) < 0.15);
}

TEST_CASE("a layer without neurons to spare is told", "[matched_controls]") {
    const target_scores strengths = neurons_of({1, 2, 3});
    CHECK_THROWS_AS(matched_controls(suppress(std::vector<neuron_id>{{0, 0}, {0, 1}}), strengths), error);
    CHECK(matched_controls(suppress(neuron_id{0, 1}), strengths).size() == 4);
}

TEST_CASE("controls of one neuron are different neurons as long as there are enough", "[matched_controls]") {
    const target_scores strengths = uneven();
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        std::set<std::int32_t> drawn;
        for (const plan& control :
             matched_controls(suppress(neuron_id{1, 7}), strengths, {.draws = 8, .nearest = 16, .seed = seed}))
            drawn.insert(neuron_of(control.edits.front()).neuron);
        CHECK(drawn.size() == 8);
    }
    CHECK(matched_controls(suppress(neuron_id{1, 7}), strengths, {.draws = 3, .nearest = 1}).size() == 3);
}

TEST_CASE("controls are of the kind of what they stand in for", "[matched_controls]") {
    const target_scores strengths = uneven();
    const plan edited = suppress(expert_id{1, 3}) + invert(expert_neuron_id{1, 3, 7}) + scale(neuron_id{1, 3}, 2.0F) +
                        mask(expert_id{1, 4});
    for (const plan& control : matched_controls(edited, strengths, {.draws = 6, .nearest = 3, .seed = 1})) {
        REQUIRE(control.size() == 4);
        for (std::size_t i = 0; i < 4; ++i) {
            const target_edit &from = edited.edits[i], &to = control.edits[i];
            CHECK(to.target.index() == from.target.index());
            CHECK(to.target != from.target);
            CHECK(layer_of(to.target) == 1);
            CHECK(to.factor == from.factor);
            CHECK(to.kind == from.kind);
        }
        // Experts of the plan, masked ones too, stand in for nothing; two stand-ins are two.
        for (const std::size_t i : {0U, 3U}) {
            CHECK(control.edits[i].target != edited.edits[0].target);
            CHECK(control.edits[i].target != edited.edits[3].target);
        }
        CHECK(control.edits[0].target != control.edits[3].target);
    }
    std::vector<expert_id> all;
    for (std::int32_t e = 0; e < 8; ++e) all.push_back({0, e});
    CHECK_THROWS_AS(matched_controls(suppress(all), strengths), error);
}
