// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A set of kinds of targets.
#include <unloop/core/target_kinds.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace unloop;

TEST_CASE("a set of kinds holds what was added and no other") {
    for_each_target_kind([](auto member) {
        const target_kinds kinds{member};
        for_each_target_kind([&](auto kind) { CHECK(kinds.contains(kind) == (kind.key == member.key)); });
        CHECK(target_kinds::all().contains(member));
        CHECK_FALSE(target_kinds().contains(member));
        CHECK_FALSE(kinds.empty());
        CHECK(kinds != target_kinds::all());
    });
    CHECK(target_kinds().empty());
}

TEST_CASE("a set of kinds does not depend on the order of adding") {
    target_kinds kinds{target_kind<head_id>{}, target_kind<expert_id>{}};
    CHECK(kinds == target_kinds{target_kind<expert_id>{}, target_kind<head_id>{}});
    kinds.add(target_kind<neuron_id>{}), kinds.add(target_kind<expert_neuron_id>{});
    CHECK(kinds == target_kinds::all());
}
