// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The edit operators, and what breaks their laws.
#include <unloop/edit/operators.hpp>

#include <archetypes/edit_operator.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "laws/edit_plan.hpp"

namespace {

using namespace unloop;

static_assert(edit_operator<scale_by>);
static_assert(edit_operator<archetypes::edit_operator>);
static_assert(!edit_operator<int>);

}  // namespace

TEST_CASE("operators make one edit a target, in the order given") {
    const neuron_id first{3, 5};
    const std::vector<neuron_id> targets{first, {1, 2}, first};
    CHECK(suppress(targets).edits == std::vector<target_edit>{{first, 0}, {neuron_id{1, 2}, 0}, {first, 0}});
    CHECK(invert(first).edits == std::vector<target_edit>{{first, -1}});
    CHECK(scale(targets, 2.5F).edits ==
          std::vector<target_edit>{{first, 2.5F}, {neuron_id{1, 2}, 2.5F}, {first, 2.5F}});
    CHECK(scale(neuron_id{3, 5}, 2.5F) == scale_by{2.5F}(neuron_id{3, 5}));
}

TEST_CASE("targets of all kinds stand in one plan, alone or in lists") {
    const expert_id expert{3, 5};
    const expert_neuron_id neuron{3, 5, 7};
    const std::vector<target_id> mixed{neuron_id{3, 5}, expert, neuron};
    CHECK(suppress(mixed).edits == std::vector<target_edit>{{neuron_id{3, 5}, 0}, {expert, 0}, {neuron, 0}});
    CHECK(suppress(mixed) == suppress(neuron_id{3, 5}) + suppress(expert) + suppress(neuron));
    CHECK(invert(std::vector<expert_id>{expert}) == invert(expert));
    CHECK(suppress(neuron_id{3, 5}) != suppress(expert));
}

TEST_CASE("masking is not suppressing") {
    const expert_id expert{3, 5};
    CHECK(mask(expert).edits == std::vector<target_edit>{{expert, 1.0F, edit_kind::mask}});
    CHECK(mask(std::vector<expert_id>{expert, {0, 1}}) == mask(expert) + mask(expert_id{0, 1}));
    CHECK(mask(expert) != suppress(expert));
    CHECK(mask(expert) != scale(expert, 1.0F));
}

TEST_CASE("the operators and the smallest own one keep the laws of operators", "[laws]") {
    CHECK(laws::broken_edit_operator_laws(archetypes::edit_operator(0)).empty());
    for (const scale_by& edit : {suppress, invert, scale_by{2.5F}})
        CHECK(laws::broken_edit_operator_laws(edit).empty());
}

TEST_CASE("the laws of operators can be broken", "[laws]") {
    using targets = std::span<const target_id>;
    const auto elsewhere = [](targets given) {
        return given.empty() ? plan{} : invert(neuron_id{layer_of(given[0]), 123456});
    };
    const auto endless = [](targets given) { return scale(given, INFINITY); };
    const auto always = [](targets) { return invert(neuron_id{0, 0}); };
    const auto never = [](targets) { return plan{}; };
    const auto moody = [calls = std::make_shared<float>(0.0F)](targets given) { return scale(given, (*calls)++); };
    using names = std::vector<std::string>;
    const std::string restraint = "restraint: a plan names nothing but its targets";
    CHECK(laws::broken_edit_operator_laws(elsewhere) == names{restraint});
    CHECK(laws::broken_edit_operator_laws(endless) == names{"finiteness: factors are finite"});
    CHECK(laws::broken_edit_operator_laws(always) == names{"silence: no targets, no edits", restraint});
    CHECK(laws::broken_edit_operator_laws(never) == names{"something: targets give edits"});
    CHECK(laws::broken_edit_operator_laws(moody) == names{"determinism: equal targets give equal plans"});
}
