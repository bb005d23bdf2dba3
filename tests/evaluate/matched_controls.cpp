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

/// Three layers of 200 neurons; strengths from 1 to 1000, in no order.
neuron_strengths uneven() {
    neuron_strengths strengths(3);
    for (std::size_t layer = 0; layer < 3; ++layer)
        for (std::size_t i = 0; i < 200; ++i)
            strengths[layer].push_back(static_cast<float>(std::pow(1000.0, random_uniform(1, layer, i))));
    return strengths;
}

std::size_t rank_of(const std::vector<float>& strengths, std::int32_t neuron) {
    const float own = strengths[static_cast<std::size_t>(neuron)];
    return static_cast<std::size_t>(
        std::count_if(strengths.begin(), strengths.end(), [&](float s) { return s > own; }));
}

}  // namespace

TEST_CASE("a control has the layers and factors of the plan and none of its neurons", "[matched_controls]") {
    const neuron_strengths strengths = uneven();
    const plan edited = suppress(std::vector<neuron_id>{{0, 5}, {2, 9}, {2, 10}}) + scale(neuron_id{2, 9}, 0.5F) +
                        invert(neuron_id{1, 199});
    const auto controls = matched_controls(edited, strengths, {.draws = 4, .nearest = 16, .seed = 2});
    REQUIRE(controls.size() == 4);
    std::set<std::vector<std::int32_t>> different;
    for (const plan& control : controls) {
        REQUIRE(control.size() == edited.size());
        std::vector<std::int32_t> neurons;
        for (std::size_t i = 0; i < edited.size(); ++i) {
            const neuron_id from = edited.edits[i].target, to = control.edits[i].target;
            CHECK(control.edits[i].factor == edited.edits[i].factor);
            CHECK(to.layer == from.layer);
            for (const neuron_edit& edit : edited.edits) CHECK(edit.target != to);
            const auto layer = static_cast<std::size_t>(from.layer);
            const double apart = std::abs(static_cast<double>(rank_of(strengths[layer], from.neuron)) -
                                          static_cast<double>(rank_of(strengths[layer], to.neuron)));
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
    const neuron_strengths strengths{{8, 7, 6, 5, 4, 3, 2, 1}};
    const plan edited = suppress(std::vector<neuron_id>{{0, 2}, {0, 3}});
    const plan control = matched_controls(edited, strengths, {.draws = 1, .nearest = 1})[0];
    CHECK(control.edits[0].target == neuron_id{0, 1});
    CHECK(control.edits[1].target == neuron_id{0, 4});
}

TEST_CASE("strong plans get strong controls", "[matched_controls]") {
    const neuron_strengths strengths = uneven();
    std::vector<neuron_id> strongest;
    for (std::int32_t i = 0; i < 200; ++i)
        if (rank_of(strengths[0], i) % 10 == 0) strongest.push_back({0, i});
    const auto sum_of = [&](const plan& edits) {
        double sum = 0;
        for (const neuron_edit& edit : edits.edits) sum += strengths[0][static_cast<std::size_t>(edit.target.neuron)];
        return sum;
    };
    const plan edited = suppress(strongest);
    for (const plan& control : matched_controls(edited, strengths, {.draws = 4, .nearest = 4}))
        CHECK(std::abs(sum_of(control) / sum_of(edited) - 1) < 0.15);
}

TEST_CASE("a layer without neurons to spare is told", "[matched_controls]") {
    const neuron_strengths strengths{{1, 2, 3}};
    CHECK_THROWS_AS(matched_controls(suppress(std::vector<neuron_id>{{0, 0}, {0, 1}}), strengths), error);
    CHECK(matched_controls(suppress(neuron_id{0, 1}), strengths).size() == 4);
}

TEST_CASE("controls of one neuron are different neurons as long as there are enough", "[matched_controls]") {
    const neuron_strengths strengths = uneven();
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        std::set<std::int32_t> drawn;
        for (const plan& control :
             matched_controls(suppress(neuron_id{1, 7}), strengths, {.draws = 8, .nearest = 16, .seed = seed}))
            drawn.insert(control.edits.front().target.neuron);
        CHECK(drawn.size() == 8);
    }
    CHECK(matched_controls(suppress(neuron_id{1, 7}), strengths, {.draws = 3, .nearest = 1}).size() == 3);
}
