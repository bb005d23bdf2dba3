// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The edit operators, and what breaks their laws.
#include <unloop/edit/operators.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "laws/edit_plan.hpp"

namespace {

using namespace unloop;

static_assert(edit_operator<scale_by>);

}  // namespace

TEST_CASE("operators make one edit a target, in the order given") {
    const std::vector<neuron_id> targets{{3, 5}, {1, 2}, {3, 5}};
    CHECK(suppress(targets).edits == std::vector<neuron_edit>{{{3, 5}, 0}, {{1, 2}, 0}, {{3, 5}, 0}});
    CHECK(invert(neuron_id{3, 5}).edits == std::vector<neuron_edit>{{{3, 5}, -1}});
    CHECK(scale(targets, 2.5F).edits == std::vector<neuron_edit>{{{3, 5}, 2.5F}, {{1, 2}, 2.5F}, {{3, 5}, 2.5F}});
    CHECK(scale(neuron_id{3, 5}, 2.5F) == scale_by{2.5F}(neuron_id{3, 5}));
}

TEST_CASE("the operators keep their laws", "[laws]") {
    for (const scale_by& edit : {suppress, invert, scale_by{2.5F}})
        CHECK(laws::broken_edit_operator_laws(edit).empty());
}

TEST_CASE("the laws of operators can be broken", "[laws]") {
    using targets = std::span<const neuron_id>;
    const auto elsewhere = [](targets given) {
        return given.empty() ? plan{} : invert(neuron_id{given[0].layer, given[0].neuron + 1});
    };
    const auto endless = [](targets given) { return scale(given, INFINITY); };
    const auto always = [](targets) { return invert(neuron_id{0, 0}); };
    const auto never = [](targets) { return plan{}; };
    const auto moody = [calls = std::make_shared<float>(0.0F)](targets given) { return scale(given, (*calls)++); };
    using names = std::vector<std::string>;
    const std::string restraint = "restraint: a plan names no neuron but its targets";
    CHECK(laws::broken_edit_operator_laws(elsewhere) == names{restraint});
    CHECK(laws::broken_edit_operator_laws(endless) == names{"finiteness: factors are finite"});
    CHECK(laws::broken_edit_operator_laws(always) == names{"silence: no targets, no edits", restraint});
    CHECK(laws::broken_edit_operator_laws(never) == names{"something: targets give edits"});
    CHECK(laws::broken_edit_operator_laws(moody) == names{"determinism: equal targets give equal plans"});
}
