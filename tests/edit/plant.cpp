// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Planted faults and their cures.
#include <unloop/edit/plant.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/plan_tap.hpp>

#include <limits>

#include "edit/golden_llama.hpp"
#include "laws/edit_plan.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

}  // namespace

TEST_CASE("a planted fault is a power of two and its reciprocal") {
    for (const target_id& target :
         {target_id(neuron_id{1, 2}), target_id(expert_id{1, 2}), target_id(expert_neuron_id{1, 2, 3})}) {
        const planted_fault planted = plant(target, 5);
        CHECK(planted.fault.edits == std::vector<target_edit>{{target, 32.0F}});
        CHECK(planted.cure.edits == std::vector<target_edit>{{target, 0x1p-5F}});
        CHECK(plant(target, -24).fault.edits[0].factor == 0x1p-24F);
        CHECK(plant(target, 0, true).cure.edits == std::vector<target_edit>{{target, -1.0F}});
        constexpr int lowest = std::numeric_limits<int>::min(), highest = std::numeric_limits<int>::max();
        for (int exponent : {0, 25, -25, lowest, lowest + 1, highest})
            CHECK(test::fault_of([&] { (void)plant(target, exponent); }).substr(0, 6) == "plant:");
    }
}

TEST_CASE("a fault may have several culprits") {
    const std::vector<target_id> targets{neuron_id{1, 2}, head_id{0, 3}};
    const planted_fault planted = plant(targets, 3, true);
    CHECK(planted.fault.edits == std::vector<target_edit>{{targets[0], -8.0F}, {targets[1], -8.0F}});
    CHECK(planted.cure.edits == std::vector<target_edit>{{targets[0], -0.125F}, {targets[1], -0.125F}});
}

TEST_CASE("the cure of a planted fault leaves every bit as it was") {
    for (const char* const file : {test::bf16_llama, test::q8_llama}) {
        auto model = test::load_llama(golden::path(file));
        const auto tokens = test::random_prompt(2, 20);
        const auto healthy = test::logits_of(model, tokens, no_tap{});
        const auto bytes = laws::detail::bytes_of(model);
        const planted_fault planted = plant(neuron_id{1, 35}, 5);
        const scoped_edit fault(model, planted.fault);
        CHECK(golden::difference(test::logits_of(model, tokens, no_tap{}), healthy) > 0.5);
        CHECK(golden::difference(test::logits_of(model, tokens, plan_tap(planted.cure)), healthy) == 0);
        const scoped_edit cure(model, planted.cure);
        CHECK((laws::detail::bytes_of(model) == bytes));
    }
}
